import { deepEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import type { VolumeMember } from "../../../planning/pointRecord";
import type { LabSystems } from "../../support/labSystems";
import { takeRestorePoint, verifyOnce } from "./takeRestorePoint";

/** A sample of the moments, for the gate: the scratch claim is about to go, its volume may already. */
export const MOMENTS = [8] as const;

/** How a verification in a process of its own ended. */
export type Ending = "killed" | "done";

function verifyAndKill(root: string, member: VolumeMember, moment: number): Promise<Ending> {
  const env = { ...process.env, [KILL_VARIABLE]: String(moment) };
  const words = [join(__dirname, "verifyKilled.js"), root, JSON.stringify(member)];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "pipe"] });
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

/** Ends a verification by SIGKILL at the numbered moment, and has the next one go on from there. */
export async function killAndRecover(
  lab: LabSystems,
  member: VolumeMember,
  moment: number,
): Promise<Ending> {
  const ending = await verifyAndKill(lab.root, member, moment);
  const { verification, journal } = await verifyOnce(lab, killedPoint(member));
  deepEqual(
    verification.members.map(({ verdict, why }) => ({ verdict, why })),
    [{ verdict: "proven", why: undefined }],
  );
  deepEqual(verification.left, []);
  deepEqual(journal.pending(), []);
  return ending;
}

export function killedPoint(member: VolumeMember): ReturnType<typeof takeRestorePoint> {
  return takeRestorePoint("killed", [member]);
}
