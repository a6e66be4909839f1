import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { ProcedureStep } from "../../../restorepoint/etcd/procedure";

/** What a command is where nodes are folders of one machine. */
export type AtNode = (command: string, member: string) => string;

/**
 * Does what a procedure says as people would: every command by a shell, on the node of each member, in its order.
 *
 * @param tools folder of etcdctl and etcdutl
 * @throws Error with the words of the first command that does not end with 0
 */
export async function followProcedure(
  procedure: readonly ProcedureStep[],
  tools: string,
  at: AtNode = (command) => command,
): Promise<void> {
  const env = { ...process.env, PATH: `${tools}:${process.env["PATH"] ?? ""}` };
  for (const { members, commands } of procedure) {
    await Promise.all(
      members.map(async (member) => {
        for (const command of commands) {
          await promisify(execFile)("/bin/sh", ["-c", at(command, member)], { env });
        }
      }),
    );
  }
}
