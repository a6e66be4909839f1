import { withRetries } from "../error";
import { waitFor } from "../wait";
import { VcenterError, faultError } from "./error";
import type { Caller } from "./session";
import { localName } from "./session";
import type { Reference, XmlInput, XmlNode } from "./xml";
import { child, children, referenceAt, referenceInput, textOf } from "./xml";

export interface TaskWatch {
  /** Limit of the whole task in milliseconds. */
  readonly timeoutMs: number;
  /** Per cent of the work that vCenter says is done. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

/** A snapshot of a small machine takes a second; a busy vCenter is not to be asked more often than that. */
const PAUSES = { pauseMs: 100, longestPauseMs: 1_000 };

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
 * @returns what it made, undefined when it makes nothing
 * @throws VcenterError `answer` when it failed, `timeout` when it goes on beyond its time: it still runs in vCenter then
 */
export function runTask(
  session: Caller,
  [method, target, input]: readonly [method: string, target: Reference, input: XmlInput],
  action: string,
  watch: TaskWatch,
): Promise<Reference | undefined> {
  const attempt = async (): Promise<Reference | undefined> => {
    const [task] = await session.call(method, target, input, action);
    return waitForTask(session, referenceAt(task), action, watch);
  };
  const isBusy = (error: unknown): boolean =>
    error instanceof VcenterError && BUSY.includes(error.reason);
  return withRetries(attempt, isBusy, BUSY_PAUSE_MS);
}

/** As `runTask`, for a task that was started. */
export async function waitForTask(
  session: Caller,
  task: Reference,
  action: string,
  { timeoutMs, onProgress }: TaskWatch,
): Promise<Reference | undefined> {
  const ended = async (): Promise<{ readonly made: Reference | undefined } | undefined> => {
    const info = await taskInfo(session, task, action);
    switch (textOf(info, "state")) {
      case "success":
        return {
          made: child(info, "result") === undefined ? undefined : referenceAt(info, "result"),
        };
      case "error":
        throw faultError(action, ...describeFault(child(info, "error")));
      default:
        onProgress?.(Number(textOf(info, "progress") || 0));
        return undefined;
    }
  };
  const end = await waitFor(ended, { timeoutMs, ...PAUSES });
  if (end === undefined) {
    throw new VcenterError(
      "timeout",
      `${action}: the task ${task.value} has not ended within ${timeoutMs / 60_000} min and still runs in ` +
        "vCenter; wait for it there and run the command again, which takes over what it made.",
    );
  }
  return end.made;
}

async function taskInfo(session: Caller, task: Reference, action: string): Promise<XmlNode> {
  const input = {
    specSet: {
      propSet: { type: "Task", pathSet: "info" },
      objectSet: { obj: referenceInput(task) },
    },
    options: {},
  };
  const collector = session.content.propertyCollector;
  const [page] = await session.call("RetrievePropertiesEx", collector, input, action);
  const [property] = children(children(page, "objects")[0], "propSet");
  return child(property, "val");
}

function describeFault(error: XmlNode): [string | undefined, string] {
  const type = localName(textOf(child(child(error, "fault"), "@type")));
  const message = textOf(error, "localizedMessage");
  return [type === "" ? undefined : type, message];
}
