import type { ClusterObject } from "../../clients/kubernetes/object";
import { contentOf, type LiveContent, type LiveVolumeSnapshot } from "../../drift/volumeObjects";

/** How long a snapshot is waited for. Times are seconds since it was posted. */
export interface TakeLimits {
  /** Until snapshot controller and driver have said anything at all, since they last did of any of the snapshots; default 30. */
  readonly answer: number;
  /** How long an error that may pass is borne; default 10. */
  readonly error: number;
  /** Until it has to be ready; default 600. */
  readonly ready: number;
}

export const takeLimits: TakeLimits = { answer: 30, error: 10, ready: 600 };

export interface TakeSeen {
  /** Undefined when it is not there any more. */
  readonly snapshot: LiveVolumeSnapshot | undefined;
  /** Its content, where that was looked at: only what takes long needs it. */
  readonly content: ClusterObject | undefined;
  /**
   * Seconds since anything was last heard of a snapshot that is taken together with it: of two hundred the last may wait
   * for a while. Absent: none is.
   */
  readonly silent?: number;
}

/** What earlier looks left: since when and how often the present error was reported. */
export interface TakeHistory {
  readonly message: string;
  /** Seconds since the snapshot was posted. */
  readonly since: number;
  /** Times that stand with the reports. */
  readonly reports: readonly string[];
}

export type TakeVerdict =
  | { readonly state: "done" }
  | { readonly state: "waiting"; readonly why: string }
  | { readonly state: "failed"; readonly why: string };

/** `taken`: the driver has its moment, so that the product may go on; `ready`: it can be restored. */
export type TakeGoal = "taken" | "ready";

export interface TakeJudgement {
  readonly verdict: TakeVerdict;
  readonly history: TakeHistory | undefined;
}

/**
 * Errors that no retrying mends, by the meaning that the CSI specification gives to their codes: the request itself is
 * refused. The sidecar retries all the same, for ever.
 */
const FINAL_CODES: readonly string[] = [
  "InvalidArgument",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "FailedPrecondition",
  "OutOfRange",
  "Unimplemented",
  "Unauthenticated",
];

/**
 * Codes that say that the driver is still at it: the sidecar's call ran into its time-out (60 s unless set), or met the one
 * before. Large volumes take longer than a call, so only the whole budget ends the wait.
 */
const AT_WORK_CODES: readonly string[] = ["DeadlineExceeded", "Aborted"];

/**
 * Whether a snapshot has come as far as the goal, is still to be waited for, or will not come. The Kubernetes API has no
 * state "failed": errors stand in the status, are retried without end, and stay there when a retry has succeeded.
 *
 * @param elapsed seconds since it was posted, by the clock of this machine
 */
export function judgeTaken(
  goal: TakeGoal,
  { snapshot, content, silent = Number.POSITIVE_INFINITY }: TakeSeen,
  elapsed: number,
  history: TakeHistory | undefined,
  limits: TakeLimits,
): TakeJudgement {
  const failed = (why: string): TakeJudgement => ({ verdict: { state: "failed", why }, history });
  const waiting = (why: string, next?: TakeHistory): TakeJudgement => ({
    verdict: { state: "waiting", why },
    history: next,
  });
  if (snapshot === undefined) {
    return failed("It was deleted while it was being taken.");
  }
  if (snapshot.object.metadata.deletionTimestamp !== undefined) {
    return failed("It or its namespace is being deleted while it is being taken.");
  }
  if (snapshot.ready === true || (goal === "taken" && snapshot.takenAt !== undefined)) {
    return { verdict: { state: "done" }, history: undefined };
  }
  const driver = content && contentOf(content);
  const message = snapshot.error ?? driver?.error;
  if (message !== undefined) {
    const report = snapshot.errorAt ?? driver?.errorAt ?? "";
    const { code, text } = explain(message);
    if (code !== undefined && FINAL_CODES.includes(code)) {
      return failed(text);
    }
    if (code !== undefined && AT_WORK_CODES.includes(code)) {
      return elapsed >= limits.ready ? failed(text) : waiting(text);
    }
    const next = follow(history, message, report, elapsed);
    if (next.reports.length > 1 || elapsed - next.since >= limits.error) {
      return failed(text);
    }
    return elapsed >= limits.ready ? failed(text) : waiting(text, next);
  }
  const mute = whoIsMute(snapshot, driver, limits);
  if (mute !== undefined) {
    const isSilent = Math.min(elapsed, silent) >= limits.answer;
    return isSilent ? failed(mute.failed) : waiting(mute.waiting);
  }
  return elapsed >= limits.ready
    ? failed(
        `It was not ready in time: the driver has reported no error, and ${limits.ready} s have gone by.`,
      )
    : waiting("the storage driver is at work");
}

/** Who has said nothing yet: what that is called at first, and at the end. */
function whoIsMute(
  snapshot: LiveVolumeSnapshot,
  content: LiveContent | undefined,
  { answer }: TakeLimits,
): { readonly waiting: string; readonly failed: string } | undefined {
  if (snapshot.content === "" && snapshot.ready === undefined) {
    return {
      waiting: "the snapshot controller has not answered yet",
      failed:
        `The snapshot controller does not answer: no status after ${answer} s. Look whether snapshot-controller runs, ` +
        "and for what it logs.",
    };
  }
  return content === undefined || content.answered || content.called
    ? undefined
    : {
        waiting: "the storage driver has not answered yet",
        failed:
          `The storage driver does not answer: its content ${content.name} has no status after ${answer} s. Look ` +
          "whether the driver's controller runs, with its sidecar csi-snapshotter.",
      };
}

/** An error of another text is another error: the driver is getting on. */
function follow(
  history: TakeHistory | undefined,
  message: string,
  report: string,
  elapsed: number,
): TakeHistory {
  if (history?.message !== message) {
    return { message, since: elapsed, reports: [report] };
  }
  return history.reports.includes(report)
    ? history
    : { ...history, reports: [...history.reports, report] };
}

export interface Explained {
  /** Name of the gRPC code; undefined where the error is none of the driver's. */
  readonly code: string | undefined;
  readonly text: string;
}

/** The driver's own words out of those that the controllers wrap around them, escaped once for each. */
export function explain(message: string): Explained {
  const found = /rpc error: code = (\w+) desc = (.*)$/s.exec(message);
  const [, code, words = ""] = found ?? [];
  if (code === undefined) {
    return { code: undefined, text: `The snapshot controller reports: ${message}` };
  }
  return { code, text: `The storage driver reports ${code}: ${unquote(words, message)}` };
}

/** Go's `%q` around the error: a quote at the end without one at the beginning, and escapes in between. */
function unquote(words: string, message: string): string {
  const quoted = /"rpc error: /.test(message) && words.endsWith('"');
  const inner = quoted ? words.slice(0, -1) : words;
  return quoted
    ? inner.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? " " : character))
    : inner;
}
