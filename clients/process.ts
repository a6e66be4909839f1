import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { hostname, userInfo } from "node:os";

/** Who runs this command, for journals and refusals: `user@host`. */
export function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // In a container the user may have no name.
    return `uid ${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}

/**
 * When a process started, in clock ticks after the boot; with its pid this names one process until the next boot.
 *
 * @returns undefined when it has ended, and where there is no /proc
 */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold anything, so count from the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ended = fields[0] === "Z" || fields[0] === "X";
    // The first thread of a killed process may be gone while others still hold its ports and files.
    return ended && readdirSync(`/proc/${pid}/task`).length <= 1 ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Names this process among all of all machines; without spaces. */
export function processIdentity(): string {
  return [machine(), process.pid, startTime(process.pid) ?? ""].join("/");
}

/** Whether the process of an identity has surely ended: it ran on this machine, in the same boot, and is not there. */
export function hasEnded(identity: string): boolean {
  const [where = "", pid = "", started = ""] = identity.split("/");
  return where !== "" && where === machine() && startTime(Number(pid)) !== started;
}

/** Boot and process namespace; empty where there is no /proc, which equals no machine. */
function machine(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}.${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return "";
  }
}
