import { deepStrictEqual, equal } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { connectCluster } from "../../../clients/kubernetes/connect";
import { readPointFile } from "../../../config/pointFile";
import { readStackFile } from "../../../config/stackFile";
import { labPaths } from "../../../lab/index";
import { LabStore } from "../../../drift/store";
import { isLiving } from "../../../planning/pointMembers";
import type { AtomRun, Checkout } from "./checkout";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Cuts a point of the sample product in the lab of a checkout. */
export async function taken(checkout: Checkout, name: string, vms: string): Promise<void> {
  const options = ["--virtual-machines", vms, "--consistency", "crash"];
  const run = await checkout.atom(["restore-point", "create", name, ...options]);
  equal(run.status, 0, run.stderr);
}

/** Removes a point in a process that ends itself at the numbered moment; 0: at none. */
export function expireAndKill(checkout: Checkout, name: string, moment: number): Promise<AtomRun> {
  const env = { ATOM_KILL_EXPIRE_AT: String(moment) };
  return checkout.atom(["restore-point", "expire", name], env);
}

/** Nothing of the removed point is anywhere but in its file and its ledger, and all of the other one is there. */
export async function requireRemoved(
  { root }: Checkout,
  removed: string,
  kept: string,
): Promise<void> {
  const paths = labPaths(root);
  const fileOf = (name: string): string => join(paths.restorePoints, "lab", `${name}.yaml`);
  const gone = readPointFile(fileOf(removed));
  equal(gone.state, "expired");
  equal(gone.members.some(isLiving), false);
  const stackFile = readStackFile(join(paths.lab, "stacks", "Pulumi.lab.yaml"));
  deepStrictEqual(
    (stackFile.values["restorePoints"] as readonly string[]).includes(removed),
    false,
  );
  const recorded = LabStore.open({ labDir: paths.lab, stack: "lab" }).load();
  deepStrictEqual(
    recorded.resources.filter(({ urn }) => urn.includes(`::${removed}-`)),
    [],
  );
  equal(recorded.pending, undefined);
  const there = readPointFile(fileOf(kept)).members.flatMap((member) =>
    member.kind === "volume" ? [member] : [],
  );
  const inStorage = readdirSync(join(paths.lab, "data", "storage", "snapshots"));
  deepStrictEqual(
    inStorage.map((file) => file.replace(/\.json$/, "")).sort(),
    there.map(({ handle }) => handle).sort(),
  );
  await requireObjects(root, there, removed);
}

async function requireObjects(
  root: string,
  there: readonly { readonly snapshot: string; readonly content: string }[],
  removed: string,
): Promise<void> {
  const client = await connectCluster({
    kubeconfig: labPaths(root).kubeconfig,
    context: undefined,
  });
  try {
    const names = async (apiVersion: string, kind: string): Promise<readonly string[]> =>
      (await client.list(apiVersion, kind)).map(({ metadata }) => metadata.name).sort();
    deepStrictEqual(
      await names(SNAPSHOT_API, "VolumeSnapshot"),
      there.map(({ snapshot }) => snapshot).sort(),
    );
    deepStrictEqual(
      await names(SNAPSHOT_API, "VolumeSnapshotContent"),
      there.map(({ content }) => content).sort(),
    );
    const own = { namespace: "atom-backup" };
    const left = [
      ...(await client.list("v1", "ConfigMap", own)),
      ...(await client.list("v1", "Secret", own)),
    ].map(({ metadata }) => metadata.name);
    deepStrictEqual(
      left.filter((name) => name.startsWith(`${removed}-`)),
      [],
    );
    // The ledger is the record of what was done.
    equal(left.includes(`restore-point-${removed}`), true);
  } finally {
    await client.close();
  }
  const ledger = readFileSync(
    join(root, ".pulumi-state", "ledger", "lab", `${removed}.json`),
    "utf8",
  );
  const { entries } = JSON.parse(ledger) as {
    readonly entries: readonly { readonly event: string; readonly detail: { outcome?: string } }[];
  };
  deepStrictEqual([entries.at(-1)?.event, entries.at(-1)?.detail.outcome], ["closed", "done"]);
}
