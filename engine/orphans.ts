import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** Environment variable by which the processes of a stack's CLI are known, its plugins among them. */
const MARK = "ATOM_ENGINE_OF";

/** The variable for one stack. @param folder of Pulumi.yaml */
export function engineMark(folder: string, stack: string): Readonly<Record<string, string>> {
  return { [MARK]: `${folder}#${stack}` };
}

/**
 * Ends the provider plugins of a stack whose CLI was killed. Most look whether it lives; the Kubernetes provider waits for
 * its answer for good. Nothing is done where there is no /proc.
 */
export function endOrphans(folder: string, stack: string): void {
  const mark = `${MARK}=${engineMark(folder, stack)[MARK] ?? ""}`;
  const isOurs = (pid: string): boolean => read(pid, "environ").split("\0").includes(mark);
  const pids = existsSync("/proc/self")
    ? readdirSync("/proc").filter((pid) => /^\d+$/.test(pid))
    : [];
  for (const pid of pids) {
    const [program = ""] = read(pid, "cmdline").split("\0");
    if (basename(program).startsWith("pulumi-resource-") && isOurs(pid) && !isOurs(parentOf(pid))) {
      process.kill(Number(pid), "SIGKILL");
    }
  }
}

function parentOf(pid: string): string {
  return /^PPid:\s*(\d+)/m.exec(read(pid, "status"))?.[1] ?? "";
}

/** Empty for a process that has ended, or is somebody else's. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
