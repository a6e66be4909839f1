import { field, fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import { contentOf, type LiveContent } from "../../drift/volumeObjects";

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

/** What of a snapshot, a group's or the content of either, says how far it is. */
export interface SeenSnapshot {
  /** Name of the bound content; empty before it has one. */
  readonly content: string;
  /** RFC 3339: the moment that the bytes are of; undefined until the driver has taken it. */
  readonly takenAt: string | undefined;
  /** Undefined before the controller has said anything. */
  readonly ready: boolean | undefined;
  readonly error: string | undefined;
  readonly errorAt: string | undefined;
  /** RFC 3339; set while it waits for its finalizers. */
  readonly deletionTimestamp: string | undefined;
}

export interface TakeSeen {
  /** Undefined when it is not there any more. */
  readonly snapshot: SeenSnapshot | undefined;
  /** Its content, where that was looked at: only what takes long needs it. */
  readonly content: ClusterObject | undefined;
  /**
   * Seconds since anything was last heard of a snapshot that is taken together with it: of two hundred the last may wait
   * for a while. Absent: none is.
   */
  readonly silent?: number;
}

export function seenSnapshot(object: ClusterObject): SeenSnapshot {
  const text = (...path: readonly string[]): string | undefined =>
    fieldText(object, "status", ...path) || undefined;
  return {
    content:
      text("boundVolumeSnapshotContentName") ?? text("boundVolumeGroupSnapshotContentName") ?? "",
    takenAt: text("creationTime"),
    ready: field(object, "status", "readyToUse") as boolean | undefined,
    error: text("error", "message"),
    errorAt: text("error", "time"),
    deletionTimestamp: object.metadata.deletionTimestamp,
  };
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
  if (snapshot.deletionTimestamp !== undefined) {
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
  const isSilent = Math.min(elapsed, silent) >= limits.answer;
  return judgeSilence(snapshot, driver, elapsed, isSilent, limits, failed, waiting);
}

function judgeSilence(
  snapshot: SeenSnapshot,
  content: LiveContent | undefined,
  elapsed: number,
  isSilent: boolean,
  limits: TakeLimits,
  failed: (why: string) => TakeJudgement,
  waiting: (why: string) => TakeJudgement,
): TakeJudgement {
  const said = snapshot.content !== "" || snapshot.ready !== undefined;
  if (!said) {
    return isSilent
      ? failed(
          `The snapshot controller does not answer: no status after ${limits.answer} s. Look whether snapshot-controller runs, ` +
            "and for what it logs.",
        )
      : waiting("the snapshot controller has not answered yet");
  }
  if (content !== undefined && !content.answered && !content.called) {
    return isSilent
      ? failed(
          `The storage driver does not answer: its content ${content.name} has no status after ${limits.answer} s. Look ` +
            "whether the driver's controller runs, with its sidecar csi-snapshotter.",
        )
      : waiting("the storage driver has not answered yet");
  }
  if (elapsed >= limits.ready) {
    return failed(
      `It was not ready in time: the driver has reported no error, and ${limits.ready} s have gone by.`,
    );
  }
  return waiting("the storage driver is at work");
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
