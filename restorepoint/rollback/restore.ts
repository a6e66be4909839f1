import type { Access } from "../../clients/access";
import { fieldText } from "../../clients/kubernetes/object";
import type { Reporter } from "../../clients/reporter";
import type { VcenterClient } from "../../clients/vcenter/client";
import { verifyName } from "../../planning/names";
import { isLiving, memberKey, volumeMembers } from "../../planning/pointMembers";
import type { RolledClaim, VolumeMember } from "../../planning/pointRecord";
import type { Journal } from "../catalog/journal";
import { removeJob } from "../jobs/job";
import type { ReleaseStore } from "../release/store";
import { cleanScratch, clearScratch } from "../verify/cleanScratch";
import { untilGone } from "../verify/scratchClaim";
import { verifyPoint } from "../verify/verifyPoint";
import type { StoredRelease } from "./objects";
import { PARALLEL } from "./steps";
import { currentRollback, isSame, withRollback } from "./record";
import { RollbackError, type RollbackWorld } from "./types";
import { claimReference, reserve, volumeReference, type VolumePorts } from "./volumes";

export interface RunPorts extends VolumePorts {
  readonly vcenter: Access<VcenterClient>;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly store: ReleaseStore;
  readonly now: () => Date;
  /** Reads what has to be there again at the end. */
  readonly target: () => Promise<StoredRelease>;
}

/**
 * Restores every volume beside the present one and reads it, as a verification does, and keeps what that would remove.
 * Repeatable: what an earlier run has restored is taken.
 *
 * @throws RollbackError naming what cannot be restored
 */
export async function restoreVolumes(world: RollbackWorld, ports: RunPorts): Promise<void> {
  const { site, record, sources } = world;
  const { client, journal, now, onStep, reporter, signal, store, vcenter } = ports;
  await settleRestored(world, ports);
  const { claims } = currentRollback(journal.record);
  const left = volumeMembers(record).filter(
    (member) =>
      isLiving(member) && !claims.some((one) => one.made !== undefined && isSame(one, member)),
  );
  if (left.length === 0) {
    return;
  }
  const { members, left: problems } = await verifyPoint(
    {
      site,
      point: journal.record,
      only: left.map(({ namespace, claim }) => `${namespace}/${claim}`),
      parallel: PARALLEL,
      scheduling: sources.scheduling,
    },
    {
      client,
      vcenter,
      journal,
      reporter,
      release: store,
      now,
      signal,
      onStep,
      keep: (member, { name, namespace }) =>
        keepRestored(member, { name, namespace }, world, ports),
    },
  );
  const bad = members.filter(({ verdict }) => verdict === "failed" || verdict === "unknown");
  if (bad.length > 0) {
    throw new RollbackError(
      `Not restored: ${bad.map(({ member, why = "" }) => `${member}: ${why}`).join("; ")}. Nothing was stopped.`,
    );
  }
  problems.forEach((text) => reporter.warn(`not removed: ${text}`));
}

/** Writes down which volume was restored before anything else may happen to it, and takes it from the scratch claim. */
async function keepRestored(
  { namespace, claim }: VolumeMember,
  scratch: { readonly name: string; readonly namespace: string },
  world: RollbackWorld,
  ports: RunPorts,
): Promise<void> {
  const { client, journal } = ports;
  const live = await client.get(
    claimReference({ namespace: scratch.namespace, claim: scratch.name }),
  );
  const volume = live === undefined ? "" : fieldText(live, "spec", "volumeName");
  const object = await client.get(volumeReference(volume));
  const handle = object === undefined ? "" : fieldText(object, "spec", "csi", "volumeHandle");
  if (handle === "") {
    throw new RollbackError(
      `The restored volume of ${namespace}/${claim} is gone: somebody removed it.`,
    );
  }
  await journal.note(`restored ${namespace}/${claim}`, { volume, handle }, (record) =>
    withRollback(record, (it) => ({
      ...it,
      claims: it.claims.map((one) =>
        isSame(one, { namespace, claim }) ? { ...one, made: { volume, handle } } : one,
      ),
    })),
  );
  await adopt({ namespace, claim }, volume, scratch, world, ports);
}

async function adopt(
  claim: Pick<RolledClaim, "namespace" | "claim">,
  volume: string,
  scratch: { readonly name: string; readonly namespace: string },
  { site, record }: RollbackWorld,
  ports: RunPorts,
): Promise<void> {
  const { client, onStep, limitMs } = ports;
  await reserve(volume, claim, ports);
  await removeJob(client, { ...scratch, graceSeconds: 5 });
  const reference = claimReference({ namespace: scratch.namespace, claim: scratch.name });
  onStep();
  await client.delete(reference, undefined);
  await untilGone(client, reference, limitMs);
  await cleanScratch(
    { client, stack: site.stack, point: record.name, namespace: scratch.namespace },
    scratch.name,
    { onStep },
  );
}

/** What a killed run has restored and written down is kept; what else it made goes. */
export async function settleRestored(world: RollbackWorld, ports: RunPorts): Promise<void> {
  const { site, record } = world;
  const { client, journal, onStep } = ports;
  const { namespace } = site.cluster;
  const place = { client, stack: site.stack, point: record.name, namespace };
  const members = volumeMembers(record);
  for (const one of currentRollback(journal.record).claims) {
    const member = members.find((it) => isSame(it, one));
    if (one.made !== undefined && member !== undefined) {
      const name = verifyName(site.stack, record.name, memberKey(member));
      // Removed only after its volume was taken from it.
      if ((await client.get(claimReference({ namespace, claim: name }))) !== undefined) {
        await adopt(one, one.made.volume, { name, namespace }, world, ports);
      }
    }
  }
  await clearScratch(place, journal, { onStep });
}
