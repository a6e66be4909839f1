import type { LiveContent, LiveVolumeSnapshot } from "../drift/volumeObjects";

/** What decides whether a snapshot that is being cut is still waited for. Times are seconds. */
export interface TakeLimits {
  /** Until snapshot controller and driver have said anything at all; default 30. */
  readonly answer: number;
  /** How long an error that may pass is borne; default 10. */
  readonly error: number;
  /** Until it has to be ready, for each volume; default 600. */
  readonly ready: number;
}

export const takeLimits: TakeLimits = { answer: 30, error: 10, ready: 600 };

/** A snapshot that is being cut, as it was read last; a group's looks the same. */
export interface TakeSeen {
  readonly snapshot:
    | (Pick<LiveVolumeSnapshot, "content" | "ready" | "error" | "errorAt"> & {
        /** RFC 3339; set while it waits for its finalizers. */
        readonly deletionTimestamp: string | undefined;
      })
    | undefined;
  readonly content:
    Pick<LiveContent, "name" | "error" | "errorAt" | "answered" | "called"> | undefined;
}

/** What earlier looks left: since when and how often the present error was reported. */
export interface TakeHistory {
  readonly message: string;
  /** Seconds into the cut. */
  readonly since: number;
  /** Times that stand with the reports. */
  readonly reports: readonly string[];
}

export type TakeVerdict =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly why: string }
  | { readonly state: "failed"; readonly why: string };

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
 * Whether a snapshot is ready, still to be waited for, or will not come. The Kubernetes API has no state "failed": errors
 * stand in the status, are retried without end, and stay there when a retry has succeeded.
 *
 * @param elapsed seconds since it was posted, by the clock of this machine
 */
export function judgeTaken(
  { snapshot, content }: TakeSeen,
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
    return failed("It was deleted while it was being cut.");
  }
  if (snapshot.deletionTimestamp !== undefined) {
    return failed("It or its namespace is being deleted while it is being cut.");
  }
  if (snapshot.ready === true) {
    return { verdict: { state: "ready" }, history: undefined };
  }
  const message = snapshot.error ?? content?.error;
  if (message !== undefined) {
    const report = snapshot.errorAt ?? content?.errorAt ?? "";
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
  return judgeSilence(snapshot, content, elapsed, limits, failed, waiting);
}

function judgeSilence(
  snapshot: NonNullable<TakeSeen["snapshot"]>,
  content: TakeSeen["content"],
  elapsed: number,
  limits: TakeLimits,
  failed: (why: string) => TakeJudgement,
  waiting: (why: string) => TakeJudgement,
): TakeJudgement {
  const said = snapshot.content !== "" || snapshot.ready !== undefined;
  if (!said) {
    return elapsed >= limits.answer
      ? failed(
          `The snapshot controller does not answer: no status after ${limits.answer} s. Look whether snapshot-controller runs, ` +
            "and for what it logs.",
        )
      : waiting("the snapshot controller has not answered yet");
  }
  if (content !== undefined && !content.answered && !content.called) {
    return elapsed >= limits.answer
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
