import type { ClusterObject } from "../../clients/kubernetes/object";

/** How a container of a job's pod stands. */
export interface ContainerState {
  readonly name: string;
  readonly state: "waiting" | "running" | "ended";
  /** Set once it ended. */
  readonly exitCode: number | undefined;
  /** What the container left as its last words (at most 4 KiB), or why it waits. */
  readonly message: string;
  /** RFC 3339. */
  readonly finishedAt: string | undefined;
}

/** How a job stands. */
export interface JobStatus {
  /** `failed` also when it can never start. */
  readonly state: "waiting" | "running" | "succeeded" | "failed";
  readonly containers: readonly ContainerState[];
  /** Why it waits or failed, for people. */
  readonly why: string;
}

export function isOver(state: JobStatus["state"]): boolean {
  return state === "succeeded" || state === "failed";
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly {
    readonly name: string;
    readonly state?: {
      readonly waiting?: { readonly reason?: string; readonly message?: string };
      readonly running?: object;
      readonly terminated?: {
        readonly exitCode: number;
        readonly reason?: string;
        readonly message?: string;
        readonly finishedAt?: string;
      };
    };
  }[];
}

/** Reasons for which a container waits forever unless somebody changes something. */
const NEVER_STARTS = [
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
];

/** What a Job and its pod say together; pure. */
export function judgeJob(
  job: ClusterObject | undefined,
  pod: ClusterObject | undefined,
): JobStatus {
  if (job === undefined) {
    return { state: "failed", containers: [], why: "the job is not there" };
  }
  const status = (pod?.["status"] ?? {}) as PodStatus;
  const containers = (status.containerStatuses ?? []).map(containerState);
  const conditions = ((job["status"] as { conditions?: Condition[] } | undefined)?.conditions ??
    []) as readonly Condition[];
  const is = (type: string): Condition | undefined =>
    conditions.find((condition) => condition.type === type && condition.status === "True");
  const failure = is("Failed") ?? is("FailureTarget");
  const bad = containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
  const stuck = (status.containerStatuses ?? []).find((one) =>
    NEVER_STARTS.includes(one.state?.waiting?.reason ?? ""),
  );
  if (failure !== undefined || bad !== undefined) {
    const words = bad === undefined ? undefined : containerWords(bad);
    const why = words ?? said(failure?.reason, failure?.message) ?? "it failed";
    return { state: "failed", containers, why };
  }
  if (is("Complete") !== undefined || status.phase === "Succeeded") {
    return { state: "succeeded", containers, why: "" };
  }
  if (stuck !== undefined) {
    const { reason, message } = stuck.state?.waiting ?? {};
    return { state: "failed", containers, why: said(reason, message) ?? "it cannot start" };
  }
  if (status.phase === "Failed") {
    return {
      state: "failed",
      containers,
      why: said(status.reason, status.message) ?? "its pod failed",
    };
  }
  if (status.phase === "Running") {
    return { state: "running", containers, why: "it runs" };
  }
  const unscheduled = status.conditions?.find(
    ({ type, status: value }) => type === "PodScheduled" && value === "False",
  );
  const why = said(unscheduled?.reason, unscheduled?.message) ?? "its pod has not started yet";
  return { state: "waiting", containers, why };
}

function containerState({
  name,
  state,
}: NonNullable<PodStatus["containerStatuses"]>[number]): ContainerState {
  const ended = state?.terminated;
  if (ended !== undefined) {
    const message = (ended.message ?? "").trim();
    return {
      name,
      state: "ended",
      exitCode: ended.exitCode,
      message,
      finishedAt: ended.finishedAt,
    };
  }
  const running = state?.running !== undefined;
  const message = said(state?.waiting?.reason, state?.waiting?.message) ?? "";
  return {
    name,
    state: running ? "running" : "waiting",
    exitCode: undefined,
    message,
    finishedAt: undefined,
  };
}

function containerWords({ name, exitCode, message }: ContainerState): string {
  const words = message.replace(/\s+/g, " ");
  return `${name} ended with exit code ${exitCode ?? ""}${words === "" ? "" : `: ${words}`}`;
}

function said(reason: string | undefined, message: string | undefined): string | undefined {
  const words = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
  return words === "" ? undefined : words.replace(/\s+/g, " ").replace(/\.$/, "");
}
