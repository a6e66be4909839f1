import { field, type ClusterObject } from "../../clients/kubernetes/object";

/** How a container of a job's pod stands. */
export interface ContainerState {
  readonly name: string;
  readonly state: "waiting" | "running" | "ended";
  /** Set once it ended. */
  readonly exitCode: number | undefined;
  /** What the container left as its last words (at most 4 KiB), or why it waits. */
  readonly message: string;
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

interface Words {
  readonly reason?: string;
  readonly message?: string;
}

interface Condition extends Words {
  readonly type: string;
  readonly status: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: Words;
    readonly running?: object;
    readonly terminated?: Words & { readonly exitCode: number };
  };
}

interface PodStatus extends Words {
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly ContainerStatus[];
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
  const conditions = (field(job, "status", "conditions") ?? []) as readonly Condition[];
  const is = (type: string): Condition | undefined =>
    conditions.find((condition) => condition.type === type && condition.status === "True");
  const failure = is("Failed") ?? is("FailureTarget");
  const bad = containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
  const stuck = (status.containerStatuses ?? []).find((one) =>
    NEVER_STARTS.includes(one.state?.waiting?.reason ?? ""),
  );
  if (failure !== undefined || bad !== undefined) {
    const words = bad === undefined ? undefined : containerWords(bad);
    const why = words ?? said(failure) ?? "it failed";
    return { state: "failed", containers, why };
  }
  if (is("Complete") !== undefined || status.phase === "Succeeded") {
    return { state: "succeeded", containers, why: "" };
  }
  if (stuck !== undefined) {
    return { state: "failed", containers, why: said(stuck.state?.waiting) ?? "it cannot start" };
  }
  if (status.phase === "Failed") {
    return { state: "failed", containers, why: said(status) ?? "its pod failed" };
  }
  if (status.phase === "Running") {
    return { state: "running", containers, why: "it runs" };
  }
  const unscheduled = status.conditions?.find(
    ({ type, status: value }) => type === "PodScheduled" && value === "False",
  );
  const why = said(unscheduled) ?? "its pod has not started yet";
  return { state: "waiting", containers, why };
}

function containerState({ name, state = {} }: ContainerStatus): ContainerState {
  const { waiting, running, terminated } = state;
  return {
    name,
    state: terminated !== undefined ? "ended" : running !== undefined ? "running" : "waiting",
    exitCode: terminated?.exitCode,
    message: terminated === undefined ? (said(waiting) ?? "") : (terminated.message ?? "").trim(),
  };
}

function containerWords({ name, exitCode, message }: ContainerState): string {
  const words = message.replace(/\s+/g, " ");
  return `${name} ended with exit code ${exitCode ?? ""}${words === "" ? "" : `: ${words}`}`;
}

function said({ reason, message }: Words = {}): string | undefined {
  const words = [reason, message].filter(Boolean).join(": ");
  return words === "" ? undefined : words.replace(/\s+/g, " ").replace(/\.$/, "");
}
