import { main } from "../../../cli/main";
import type { AtomRun, Asked } from "./checkout";

/** Runs a command line as a process of its own would, and keeps what it writes. */
async function run({ args, env }: Asked): Promise<AtomRun> {
  for (const name of Object.keys(process.env)) {
    delete process.env[name];
  }
  Object.assign(process.env, env);
  process.exitCode = undefined;
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (text: string | Uint8Array): boolean => {
      said[name] += text.toString();
      return true;
    };
  }
  await main([process.execPath, "atom", ...args]);
  return { status: Number(process.exitCode ?? 0), ...said };
}

process.on("message", (asked: Asked) => {
  void run(asked).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit());
