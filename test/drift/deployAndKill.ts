import { spawn } from "node:child_process";
import { join } from "node:path";

import { KILL_VARIABLE } from "../../clients/killPoints";

/** How a deployment in a process of its own ended: by the kill, or done. */
export type Ending = "killed" | "done";

/** Deploys in a process of its own that kills itself at the numbered moment. */
export function deployAndKill(
  root: string,
  which: "first" | "second" | "volumes",
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
