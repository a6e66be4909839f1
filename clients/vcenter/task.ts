import { setTimeout as pause } from "node:timers/promises";

import { VcenterError, faultError } from "./error";
import type { Caller } from "./session";
import { localName } from "./session";
import type { Reference, XmlNode } from "./xml";
import { child, children, referenceAt, referenceInput, textOf } from "./xml";

export interface TaskWatch {
  /** Limit of the whole task in milliseconds. */
  readonly timeoutMs: number;
  /** Per cent of the work that vCenter says is done. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

/** A snapshot of a small machine takes a second; a busy vCenter is not to be asked more often than that. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Waits until a task has ended.
 *
 * @returns what it made, undefined when it makes nothing
 * @throws VcenterError `fault` when it failed, `timeout` when it goes on beyond its time: it still runs in vCenter then
 */
export async function waitForTask(
  session: Caller,
  task: Reference,
  action: string,
  watch: TaskWatch,
): Promise<Reference | undefined> {
  const end = Date.now() + watch.timeoutMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const info = await taskInfo(session, task, action);
    switch (textOf(info, "state")) {
      case "success":
        return child(info, "result") === undefined ? undefined : referenceAt(info, "result");
      case "error":
        throw faultError(action, ...describeFault(child(info, "error")));
      default:
        watch.onProgress?.(Number(textOf(info, "progress") || 0));
    }
    if (Date.now() >= end) {
      throw new VcenterError(
        "timeout",
        `${action}: the task ${task.value} has not ended within ${watch.timeoutMs / 60_000} min and still runs in ` +
          "vCenter; wait for it there and run the command again, which takes over what it made.",
      );
    }
    await pause(wait);
  }
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
