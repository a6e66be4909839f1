import type { Inputs } from "./resources";
import { record } from "./resources";
import type { ClusterObject } from "../clients/kubernetes/object";

interface Version {
  readonly name: string;
  readonly storage: boolean;
}

/**
 * Why a live CRD cannot become the declared one; undefined where it can. The API server keeps a list of all versions in
 * which objects were ever stored, and refuses a definition that lacks one of them: it could not read such an object
 * again. Kept for that alone, an old version would stay in ours for good, so that the list has to be put right instead.
 */
export function unreadableVersions(declared: Inputs, live: ClusterObject): string | undefined {
  if (declared["kind"] !== "CustomResourceDefinition") {
    return undefined;
  }
  const ours = versionsOf(declared).map(({ name }) => name);
  const { storedVersions = [] } = (live["status"] ?? {}) as {
    readonly storedVersions?: readonly string[];
  };
  const lacking = storedVersions.filter((version) => !ours.includes(version));
  if (lacking.length === 0) {
    return undefined;
  }
  const { name } = live.metadata;
  const why =
    `Objects of it may still be stored as ${lacking.join(", ")}, which the declared one (${ours.join(", ")}) does not ` +
    "have; the API server refuses that.";
  const leave =
    "or set snapshots.installController: false and leave the CRDs to those who brought them.";
  const now = versionsOf(live as unknown as Inputs).find(({ storage }) => storage)?.name ?? "";
  if (lacking.includes(now)) {
    return (
      `${why} It is the very version in which new ones are stored: have those who brought the CRD bring the one of ` +
      `external-snapshotter 8.4 or newer first, ${leave}`
    );
  }
  const patch = JSON.stringify({ status: { storedVersions: [now] } });
  return (
    `${why} Have them all stored anew as ${now}: kubectl get ${name} -A -o json | kubectl replace -f - ; then take the ` +
    `others off the list: kubectl patch crd ${name} --subresource=status --type=merge -p '${patch}' ; ${leave}`
  );
}

function versionsOf(crd: Inputs): readonly Version[] {
  return (record(crd["spec"])["versions"] ?? []) as unknown as readonly Version[];
}
