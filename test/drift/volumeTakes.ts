import { deepStrictEqual, equal, ok } from "node:assert/strict";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import { PRODUCT_NAMESPACE } from "../../lab/product";
import type { TakeLeftovers } from "../../restorepoint/findTaken";
import { findTaken } from "../../restorepoint/findTaken";
import type { RestorePointFile } from "../../planning/site";
import { takeQuestion, isEmpty, undoTake } from "../../restorepoint/undoTake";
import { silentReporter } from "../../clients/reporter";
import type { LabSystems } from "../support/labSystems";
import { desiredOf, point } from "./fixtures";
import { deployAndKill } from "./deployAndKill";
import { volumeSnapshot } from "./volumeFixtures";

export interface VolumeTakeSubject {
  readonly desired: DesiredState;
  readonly file: RestorePointFile;
}

/** A point of the sample product's first claims, by name; its namespace is that of the fixtures. */
export async function pointOfProduct(
  client: ClusterClient,
  count: number,
): Promise<VolumeTakeSubject> {
  const claims = (
    await client.list("v1", "PersistentVolumeClaim", { namespace: PRODUCT_NAMESPACE })
  )
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
    .slice(0, count);
  const volumes = claims.map(({ metadata: { name, namespace = "", uid = "" } }) => ({
    namespace,
    claim: name,
    uid,
  }));
  return {
    desired: desiredOf(volumes.map(({ claim }) => volumeSnapshot(claim))),
    file: point({ volumes }),
  };
}

const site = { stack: "lab", snapshots: { className: "atom-snapshots" } } as Parameters<
  typeof takeQuestion
>[0];

/** What the cluster has of the point. */
export function lookAt(client: ClusterClient, file: RestorePointFile): Promise<TakeLeftovers> {
  return findTaken(client, undefined, takeQuestion(site, file));
}

/** Removes it. @returns whether nothing is left */
export async function removeAll(
  client: ClusterClient,
  file: RestorePointFile,
  onStep: (what: string) => void = () => {},
): Promise<boolean> {
  await undoTake(takeQuestion(site, file), {
    client,
    vcenter: undefined,
    apiTimeoutMinutes: 1,
    progress: silentReporter.progress(""),
    onStep,
    settleMs: 200,
  });
  return isEmpty(await lookAt(client, file));
}

/** Volumes of the point that the kill tests cut. */
export const KILLED_VOLUMES = 3;

/** Cuts in a process that kills itself at the numbered moment, and again: each volume is cut once, and all are recorded. */
export async function killAndRecover(systems: LabSystems, moment: number): Promise<void> {
  const { cluster } = systems;
  const { desired, file } = await pointOfProduct(cluster, KILLED_VOLUMES);
  equal(await deployAndKill(systems.root, "volumes", moment), "killed");
  const before = await handlesOf(cluster, file);
  await systems.deploy(desired, [file]);
  const after = await handlesOf(cluster, file);
  equal(after.size, KILLED_VOLUMES);
  ok(
    [...before].every(([snapshot, uid]) => after.get(snapshot) === uid),
    "what was there is what is there",
  );
  deepStrictEqual(
    (await systems.plan(desired, [file])).map(({ kind }) => kind),
    desired.registrations.map(() => "same"),
  );
  ok(await removeAll(cluster, file));
}

/** UIDs of the VolumeSnapshots by name; two contents for one of them would be a second cut. */
async function handlesOf(
  cluster: ClusterClient,
  file: RestorePointFile,
): Promise<ReadonlyMap<string, string>> {
  const { snapshots, contents } = await lookAt(cluster, file);
  const owners = contents.map(({ snapshot }) => snapshot);
  equal(new Set(owners).size, owners.length);
  const live = await Promise.all(snapshots.map((one) => cluster.get(one)));
  return new Map(
    live.flatMap((one) =>
      one === undefined ? [] : [[one.metadata.name, one.metadata.uid ?? ""] as const],
    ),
  );
}
