import type { ClusterClient } from "../../clients/kubernetes/client";
import {
  fieldText,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { waitFor } from "../../clients/wait";
import { POINT_LABEL } from "../../planning/names";
import { parseQuantity } from "../quantity";
import type { ReleaseObjects } from "../release/types";
import { untilGone } from "../verify/scratchClaim";
import { RollbackError, type PlannedClaim } from "./types";

export interface VolumePorts {
  readonly client: ClusterClient;
  /** Called before each change; tests end the process from it. */
  readonly onStep: () => void;
  /** Limit of each wait, in milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

type Claim = Pick<PlannedClaim, "namespace" | "claim">;

export function claimReference({ namespace, claim }: Claim): ObjectReference {
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim };
}

export function volumeReference(name: string): ObjectReference {
  return { apiVersion: "v1", kind: "PersistentVolume", name };
}

/** The volume is there and keeps its bytes whatever happens to its claim. @throws RollbackError when that is not so */
export async function retain(name: string, { client, onStep }: VolumePorts): Promise<void> {
  onStep();
  await setPolicy(client, name, "Retain");
  await requireRetained(client, name);
}

async function requireRetained(client: ClusterClient, name: string): Promise<void> {
  const live = await client.get(volumeReference(name));
  const policy = live === undefined ? "" : fieldText(live, "spec", "persistentVolumeReclaimPolicy");
  if (policy !== "Retain" || live?.metadata.deletionTimestamp !== undefined) {
    const what =
      live === undefined ? "is gone" : `has the reclaim policy ${policy} or is being deleted`;
    throw new RollbackError(`PersistentVolume ${name} ${what}: its claim is not touched.`);
  }
}

/** Gives a volume its own reclaim policy back. One that is gone is passed over. */
export async function setPolicy(
  client: ClusterClient,
  name: string,
  policy: string,
): Promise<void> {
  await client.modify(volumeReference(name), FIELD_MANAGER, (live) => ({
    ...live,
    spec: { ...(live["spec"] as object), persistentVolumeReclaimPolicy: policy },
  }));
}

/** Takes a volume from the claim that it had and keeps it for another, and for no other than that. */
export async function reserve(
  name: string,
  { namespace, claim }: Claim,
  { client, onStep }: VolumePorts,
): Promise<void> {
  onStep();
  const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim };
  const found = await client.modify(volumeReference(name), FIELD_MANAGER, (live) => ({
    ...live,
    spec: { ...(live["spec"] as object), persistentVolumeReclaimPolicy: "Retain", claimRef },
  }));
  if (found === undefined) {
    throw new RollbackError(`PersistentVolume ${name} is gone.`);
  }
}

/**
 * Gives a claim another volume: makes it anew under its own name. Repeatable from anywhere; the volume that it had is
 * looked at once more before, and stays.
 *
 * @param release has the claim as it was
 * @throws RollbackError for a claim with a volume that is neither of the two
 */
export async function swap(
  planned: PlannedClaim,
  release: ReleaseObjects,
  ports: VolumePorts,
): Promise<void> {
  const { client, onStep, limitMs, signal } = ports;
  const { from, to } = planned;
  const reference = claimReference(planned);
  const live = await client.get(reference);
  const has = live === undefined ? undefined : fieldText(live, "spec", "volumeName");
  if (live !== undefined && (to === undefined || has !== to)) {
    if (has !== "" && has !== from) {
      throw new RollbackError(
        `Claim ${planned.namespace}/${planned.claim} has volume ${has ?? ""}, which is neither ${from ?? "none"} nor ${to ?? "none"}: ` +
          "somebody made it anew meanwhile. It was not touched. Remove it, and run the command again.",
      );
    }
    if (from !== undefined && has === from) {
      await requireRetained(client, from);
    }
    onStep();
    await client.delete(reference, live.metadata.uid);
    await untilGone(client, reference, limitMs);
  }
  if (to === undefined) {
    return;
  }
  if (has !== to) {
    await reserve(to, planned, ports);
    const volume = await client.get(volumeReference(to));
    onStep();
    await client.create(claimObject(planned, release, volume as ClusterObject), FIELD_MANAGER);
  }
  const look = async (): Promise<true | undefined> => {
    const claim = await client.get(reference);
    return claim !== undefined && fieldText(claim, "status", "phase") === "Bound"
      ? true
      : undefined;
  };
  if (
    (await waitFor(look, { timeoutMs: limitMs, pauseMs: 100, longestPauseMs: 1000, signal })) ===
    undefined
  ) {
    throw new RollbackError(
      `Claim ${planned.namespace}/${planned.claim} is not bound to volume ${to} after ${Math.round(limitMs / 1000)} s.`,
    );
  }
}

interface ClaimSpec {
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}

/** The claim as the release has it, for a volume that is there; of the volume where it has none. */
function claimObject(
  { namespace, claim }: Claim,
  release: ReleaseObjects,
  volume: ClusterObject,
): ClusterObject {
  const stored = release.objects.find(
    ({ object: { kind, metadata } }) =>
      kind === "PersistentVolumeClaim" &&
      metadata.namespace === namespace &&
      metadata.name === claim,
  )?.object;
  const of = volume["spec"] as Readonly<Record<string, unknown>>;
  const size = fieldText(volume, "spec", "capacity", "storage");
  const spec = (stored?.["spec"] ?? {
    accessModes: of["accessModes"],
    volumeMode: of["volumeMode"],
  }) as ClaimSpec;
  const asked = spec.resources?.requests?.storage ?? size;
  // A claim that was grown since its snapshot would ask for more than the volume has.
  const storage = parseQuantity(asked) > parseQuantity(size) ? size : asked;
  const { [POINT_LABEL]: _, ...labels } = stored?.metadata.labels ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { ...stored?.metadata, namespace, name: claim, labels },
    spec: {
      ...spec,
      storageClassName: of["storageClassName"],
      volumeName: volume.metadata.name,
      resources: { ...spec.resources, requests: { ...spec.resources?.requests, storage } },
    },
  };
}
