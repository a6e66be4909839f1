import type { ClusterObject } from "../../clients/kubernetes/object";
import type { JobStatus } from "../jobs/jobStatus";

/** What is seen of a member that is being restored. */
export interface RestoreView {
  readonly content: ClusterObject | undefined;
  readonly snapshot: ClusterObject | undefined;
  /** Undefined until it is made. */
  readonly claim: ClusterObject | undefined;
  /** Undefined until it is made. */
  readonly job: JobStatus | undefined;
  /** Warnings about claim and pod, oldest first. */
  readonly warnings: readonly Warning[];
}

/** A warning event of Kubernetes. */
export interface Warning {
  readonly reason: string;
  readonly message: string;
}

/**
 * - `binding`: the snapshot is not usable yet
 * - `restoring`: the volume is not there yet; `starting`: the pod does not run yet; `reading`: it runs
 * - `ended`: the pod ran and ended
 * - `failed`: the storage says that the snapshot cannot be restored
 * - `blocked`: it cannot go on, for a reason that is not the snapshot's
 */
export type RestoreStage =
  | { readonly stage: "binding" | "restoring" | "starting" | "reading"; readonly text: string }
  | { readonly stage: "ended"; readonly job: JobStatus }
  | { readonly stage: "failed" | "blocked"; readonly why: string };

/**
 * gRPC codes by which a driver says that this snapshot cannot be restored, and asking again will not mend it. Others are
 * about the moment: no room, no answer, no rights.
 *
 * @see https://github.com/container-storage-interface/spec/blob/master/spec.md#createvolume-errors
 */
const FINAL_CODES =
  /code = (NotFound|InvalidArgument|OutOfRange|AlreadyExists|FailedPrecondition|DataLoss|Unimplemented)\b/;

/** The sidecar's own words where the driver lists no such snapshot. */
const NOT_LISTED = /can ?not find snapshot/i;

/** How far a member has come; pure. */
export function judgeRestore(view: RestoreView): RestoreStage {
  const { content, snapshot, claim, job, warnings } = view;
  if (job !== undefined && job.containers.some(({ state }) => state === "ended")) {
    return { stage: "ended", job };
  }
  if (job?.state === "running") {
    return { stage: "reading", text: "reading" };
  }
  if (job?.state === "failed") {
    return { stage: "blocked", why: job.why };
  }
  const refused = [...storageWords(view)].find(isFinal);
  if (refused !== undefined) {
    return { stage: "failed", why: `it cannot be restored: ${refused}` };
  }
  if (content === undefined || snapshot === undefined) {
    return { stage: "blocked", why: "what was made to restore it is gone: somebody removed it" };
  }
  if ((snapshot["status"] as { readonly readyToUse?: boolean } | undefined)?.readyToUse !== true) {
    return { stage: "binding", text: "binding the snapshot" };
  }
  const phase = (claim?.["status"] as { readonly phase?: string } | undefined)?.phase;
  if (phase === "Lost") {
    return { stage: "blocked", why: "the restored volume is gone: somebody removed it" };
  }
  if (phase !== "Bound") {
    return { stage: "restoring", text: warnings.at(-1)?.message ?? "restoring" };
  }
  return { stage: "starting", text: waitingFor(job) ?? "starting the pod" };
}

/** Why a member whose time is up is not further; pure. */
export function judgeTimeout(view: RestoreView, seconds: number): RestoreStage {
  const stage = judgeRestore(view);
  if (stage.stage === "reading") {
    const why = `reading it takes longer than ${seconds} s; give product.probe.timeoutSeconds or --timeout more`;
    return { stage: "blocked", why };
  }
  const mount = view.warnings.findLast(({ reason }) => reason === "FailedMount");
  if (stage.stage === "starting" && mount !== undefined) {
    return { stage: "failed", why: `it cannot be mounted: ${mount.message}` };
  }
  const words = [...storageWords(view)].at(-1) ?? waitingFor(view.job);
  const said = words === undefined ? "and nobody says why" : `the last word is: ${words}`;
  return { stage: "blocked", why: `it is not restored after ${seconds} s, ${said}` };
}

function isFinal(words: string): boolean {
  return FINAL_CODES.test(words) || NOT_LISTED.test(words);
}

interface ErrorStatus {
  readonly readyToUse?: boolean;
  readonly error?: { readonly message?: string };
}

/** What the sidecars say, oldest first. An error that a snapshot got over stays in its status. */
function* storageWords({ content, snapshot, warnings }: RestoreView): Generator<string> {
  for (const object of [snapshot, content]) {
    const { readyToUse, error } = (object?.["status"] ?? {}) as ErrorStatus;
    if (readyToUse !== true && error?.message !== undefined) {
      yield plain(error.message);
    }
  }
  for (const { reason, message } of warnings) {
    if (reason === "ProvisioningFailed") {
      yield plain(message);
    }
  }
}

function waitingFor(job: JobStatus | undefined): string | undefined {
  const message = job?.containers.find(({ message: words }) => words !== "")?.message;
  const words = message ?? job?.why;
  return words === undefined || words === "" ? undefined : words;
}

function plain(message: string): string {
  return message.replace(/\s+/g, " ").replace(/\.$/, "");
}
