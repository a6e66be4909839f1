import { withRetries } from "../error";
import { waitFor } from "../wait";
import { VcenterError, faultError } from "./error";
import type { Caller } from "./session";
import { localName } from "./session";
import type { Reference, XmlInput, XmlNode } from "./xml";
import { propertiesOf } from "./vms";
import { child, children, referenceAt, referenceInput, textOf } from "./xml";

export interface TaskWatch {
  /** Limit of the whole task in milliseconds. */
  readonly timeoutMs: number;
  /** Per cent of the work that vCenter says is done. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

/** A snapshot of a small machine takes a second; a busy vCenter is not to be asked more often than that. */
export const PAUSES = { pauseMs: 100, longestPauseMs: 1_000 };

/** Before the second attempt: a power operation or a backup's last step is over after the third. */
const BUSY_PAUSE_MS = 1_000;

/**
 * Faults that say "not now, nothing was done". Nothing else is tried again: after a lost answer a snapshot may have
 * been taken, and it is found by its name on the next run.
 */
const BUSY: readonly (string | undefined)[] = ["TaskInProgress", "ResourceInUse"];

/**
 * Starts a task and waits until it has ended; starts it again while the machine is busy.
 *
 * @throws VcenterError `answer` when it failed, `timeout` when it goes on beyond its time: it still runs in vCenter then
 */
export async function runTask(
  session: Caller,
  [method, target, input]: readonly [method: string, target: Reference, input: XmlInput],
  action: string,
  { timeoutMs, onProgress }: TaskWatch,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const [started] = await session.call(method, target, input, action);
    const task = referenceAt(started);
    const ended = async (): Promise<true | undefined> => {
      const info = await taskInfo(session, task, action);
      const state = textOf(info, "state");
      if (state === "error") {
        throw faultError(action, ...describeFault(child(info, "error")));
      }
      if (state === "success") {
        return true;
      }
      onProgress?.(Number(textOf(info, "progress") || 0));
      return undefined;
    };
    if ((await waitFor(ended, { timeoutMs, ...PAUSES })) === undefined) {
      throw new VcenterError(
        "timeout",
        `${action}: the task ${task.value} has not ended within ${timeoutMs / 60_000} min and still runs in ` +
          "vCenter; wait for it there and run the command again, which takes over what it made.",
      );
    }
  };
  const isBusy = (error: unknown): boolean =>
    error instanceof VcenterError && BUSY.includes(error.reason);
  return withRetries(attempt, isBusy, BUSY_PAUSE_MS);
}

/** Values of one object by path. */
export async function readProperties(
  session: Caller,
  object: Reference,
  pathSet: readonly string[],
  action: string,
): Promise<ReadonlyMap<string, XmlNode>> {
  const input = {
    specSet: {
      propSet: { type: object.type, pathSet },
      objectSet: { obj: referenceInput(object) },
    },
    options: {},
  };
  const collector = await session.manager("propertyCollector");
  const [page] = await session.call("RetrievePropertiesEx", collector, input, action);
  return propertiesOf(children(page, "objects")[0]);
}

export async function taskInfo(session: Caller, task: Reference, action: string): Promise<XmlNode> {
  return (await readProperties(session, task, ["info"], action)).get("info");
}

function describeFault(error: XmlNode): [string | undefined, string] {
  const type = localName(textOf(child(child(error, "fault"), "@type")));
  const message = textOf(error, "localizedMessage");
  return [type === "" ? undefined : type, message];
}
