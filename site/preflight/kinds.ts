import type { ClusterClient } from "../../clients/kubernetes/client";
import { isKubernetes, record, referenceFrom, text } from "../../drift/resources";
import { kindKey } from "../../drift/types";
import type { DesiredState } from "../../engine/program/desiredState";
import { finding, type Finding } from "./finding";

interface DeclaredKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a deployment does with an object: both ways of deploying together. */
const VERBS = ["get", "list", "create", "update", "patch", "delete"] as const;

/** Asks something of every kind that the program declares, each once. */
async function ofKinds(
  { registrations }: DesiredState,
  ask: (kind: DeclaredKind) => Promise<Finding[]>,
): Promise<Finding[]> {
  const kinds = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => referenceFrom(inputs))
    .map(({ apiVersion, kind }) => [kindKey(apiVersion, kind), { apiVersion, kind }] as const);
  return (await Promise.all([...new Map(kinds).values()].map(ask))).flat();
}

/** Every declared kind has to be served in the declared version; snapshot CRDs above all, which no cluster brings. */
export async function checkKinds(client: ClusterClient, desired: DesiredState): Promise<Finding[]> {
  const brought = desired.registrations
    .filter(({ inputs }) => inputs["kind"] === "CustomResourceDefinition")
    .map(({ inputs }) => text(record(record(inputs["spec"])["names"])["kind"]));
  return ofKinds(desired, async ({ apiVersion, kind }) => {
    if (brought.includes(kind) || (await client.resource(apiVersion, kind)) !== undefined) {
      return [];
    }
    const group = apiVersion.split("/")[0] ?? "";
    const versions = await client.servedVersions(group);
    const served =
      versions.length === 0 ? "the group is not served at all" : `it serves ${versions.join(", ")}`;
    return [
      finding("kind-served", `${kind} of ${apiVersion}`, [
        "error",
        `The API server does not serve ${kind} of ${apiVersion}; ${served}.`,
        group.endsWith("snapshot.storage.k8s.io")
          ? "Install the CRDs of external-snapshotter and its snapshot-controller, 8.4 or newer for groups, or set snapshots.installController: true, or (for groups) snapshots.group: never."
          : "Install what brings this kind, or correct the backend in the stack file.",
      ]),
    ];
  });
}

/** The user of the kubeconfig has to be allowed everything that a deployment of the declared kinds may need. */
export function checkPermissions(client: ClusterClient, desired: DesiredState): Promise<Finding[]> {
  return ofKinds(desired, async ({ apiVersion, kind }) => {
    const found = await client.resource(apiVersion, kind);
    if (found === undefined) {
      return [];
    }
    const { group, plural: resource } = found;
    const allowed = await Promise.all(VERBS.map((verb) => client.mayI({ verb, group, resource })));
    const denied = VERBS.filter((_, index) => allowed[index] !== true).join(", ");
    const named = group === "" ? resource : `${resource}.${group}`;
    return denied === ""
      ? []
      : [
          finding("permission", named, [
            "error",
            `The user of context ${client.context} may not ${denied} ${named}.`,
            `Grant a ClusterRole with the verbs ${denied} on ${named}, or use another context.`,
          ]),
        ];
  });
}
