import { deepStrictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";

import { KILL_VARIABLE } from "../../../operations/deploy/killPoints";
import type { LabSystems } from "../labSystems";
import { killedNodes, killedStates } from "./deployOnce";
import { point } from "./fixtures";

/** How a deployment in a process of its own ended: by the kill, or done. */
export type Ending = "killed" | "done";

/** Deploys in a process of its own that kills itself at the numbered moment. */
export function deployAndKill(
  root: string,
  which: "first" | "second",
  moment: number,
): Promise<Ending> {
  const env = { ...process.env, [KILL_VARIABLE]: String(moment) };
  const child = spawn(process.execPath, [join(__dirname, "deployOnce.js"), root, which], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") {
        resolve("killed");
      } else if (code === 0) {
        resolve("done");
      } else {
        reject(new Error(errors));
      }
    });
  });
}

export const killedObjects = [
  { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "atom-replicated" },
  { apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshotClass", name: "atom-snapshots" },
];

/** Deploys again after a kill: all is there once, nothing more, and nothing is left to do. */
export async function recover(lab: LabSystems, which: "first" | "second"): Promise<void> {
  const desired = killedStates[which];
  await lab.deploy(desired, [point()]);
  const steps = await lab.plan(desired, [point()]);
  deepStrictEqual(
    steps.map(({ kind }) => kind),
    desired.registrations.map(() => "same"),
  );
  deepStrictEqual(
    (await lab.vcenter.machines())
      .filter(({ snapshots }) => snapshots.length > 0)
      .map(({ name, snapshots }) => [name, snapshots.length]),
    killedNodes.map((node) => [node, 1]),
  );
  const [reference] = killedObjects;
  const live = reference === undefined ? undefined : await lab.cluster.get(reference);
  deepStrictEqual(live?.["parameters"], desired.registrations[0]?.inputs["parameters"]);
}
