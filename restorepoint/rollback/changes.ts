import type { ClusterObject } from "../../clients/kubernetes/object";
import { describeObject, referenceOf } from "../../clients/kubernetes/object";
import { canonicalJson } from "../../config/canonicalJson";
import { RELEASE_KINDS } from "../release/kinds";
import type { ReleaseObjects } from "../release/types";
import type { ObjectChanges } from "./types";

/** What is kept whatever release comes: claims are swapped one by one, and jobs run to their end. */
const NEVER_REMOVED = ["PersistentVolumeClaim", "Job"];

/** What of a release is written back. A claim is not, and what a controller made it makes again. */
export function writtenBack({ objects }: ReleaseObjects): readonly ClusterObject[] {
  return objects.flatMap(({ object, ownedBy }) =>
    ownedBy === undefined && !NEVER_REMOVED.includes(object.kind) ? [object] : [],
  );
}

/**
 * Objects that are there and not of a release: of the kinds of Kubernetes itself they go, as an operator would expect of
 * what a newer release brought. Custom resources stay, since removing one may undo things outside of the cluster; and so
 * do kinds that could not be read when the point was taken.
 */
export function surplus(
  live: ReleaseObjects,
  target: ReleaseObjects,
): { readonly removed: readonly ClusterObject[]; readonly left: readonly ClusterObject[] } {
  const wanted = new Set(target.objects.map(({ object }) => keyOf(object)));
  const others = live.objects.flatMap(({ object, ownedBy }) =>
    ownedBy === undefined && !wanted.has(keyOf(object)) ? [object] : [],
  );
  const goes = ({ apiVersion, kind, metadata }: ClusterObject): boolean =>
    !NEVER_REMOVED.includes(kind) &&
    RELEASE_KINDS.some(([version, one]) => version === apiVersion && one === kind) &&
    !target.unknown.some((one) => one.kind === kind && one.namespace === metadata.namespace);
  return { removed: others.filter(goes), left: others.filter((one) => !goes(one)) };
}

/** What writing a release back would change; pure. Secrets by their digests, since their content stays in the cluster. */
export function objectChanges(live: ReleaseObjects, target: ReleaseObjects): ObjectChanges {
  const there = new Map(live.objects.map(({ object }) => [keyOf(object), canonicalJson(object)]));
  const wanted = writtenBack(target);
  const { removed, left } = surplus(live, target);
  const digests = new Map(live.secrets.map((one) => [secretKey(one), one.digest]));
  const names = (objects: readonly ClusterObject[]): string[] =>
    objects.map((object) => describeObject(referenceOf(object)));
  return {
    changed: [
      ...names(
        wanted.filter((object) => {
          const found = there.get(keyOf(object));
          return found !== undefined && found !== canonicalJson(object);
        }),
      ),
      ...target.secrets
        .filter((one) => ![undefined, one.digest].includes(digests.get(secretKey(one))))
        .map(secretKey),
    ],
    made: [
      ...names(wanted.filter((object) => !there.has(keyOf(object)))),
      ...target.secrets.map(secretKey).filter((key) => !digests.has(key)),
    ],
    removed: [...names(removed), ...surplusSecrets(live, target).map(secretKey)],
    left: names(left),
  };
}

/** Secrets that came since. */
export function surplusSecrets(
  { secrets }: ReleaseObjects,
  target: ReleaseObjects,
): ReleaseObjects["secrets"] {
  const wanted = new Set(target.secrets.map(secretKey));
  const isUnread = ({ namespace }: { readonly namespace: string }): boolean =>
    target.unknown.some((one) => one.kind === "Secret" && one.namespace === namespace);
  return secrets.filter((one) => !wanted.has(secretKey(one)) && !isUnread(one));
}

/** Fields of a StatefulSet that the API server lets nobody change: it is removed and made again. */
export function isMadeAnew(live: ClusterObject, wanted: ClusterObject): boolean {
  const fixed = ["serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates"] as const;
  const of = (object: ClusterObject): string => {
    const spec = object["spec"] as Readonly<Record<string, unknown>>;
    return canonicalJson(fixed.map((name) => spec[name] ?? null));
  };
  return wanted.kind === "StatefulSet" && of(live) !== of(wanted);
}

interface PodTemplate {
  readonly spec?: {
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
    readonly initContainers?: readonly { readonly name: string; readonly image?: string }[];
  };
}

/** Images of a workload's pods by container, for people. */
export function imagesOf(object: ClusterObject): readonly string[] {
  const spec = object["spec"] as
    | {
        readonly template?: PodTemplate;
        readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
      }
    | undefined;
  const pod = (spec?.template ?? spec?.jobTemplate?.spec?.template)?.spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map(
    ({ name, image = "" }) => `${describeObject(referenceOf(object))} ${name}: ${image}`,
  );
}

export function keyOf(object: ClusterObject): string {
  const { apiVersion, kind, metadata } = object;
  return [apiVersion, kind, metadata.namespace ?? "", metadata.name].join(" ");
}

function secretKey({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): string {
  return `Secret ${namespace}/${name}`;
}
