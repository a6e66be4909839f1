import type { ClusterClient } from "../../clients/kubernetes/client";
import { isAlreadyExists } from "../../clients/kubernetes/error";
import { referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { waitFor } from "../../clients/wait";
import { requireGoingOn } from "../take/takeError";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { jobObject, type JobSpec } from "./jobObject";
import { isOver, judgeJob, type ContainerState, type JobStatus } from "./jobStatus";

export interface JobWait {
  /** How long to wait, in milliseconds; default the job's own limit and half a minute. */
  readonly limitMs?: number;
  readonly pollMs?: number | undefined;
  readonly onStatus?: (status: JobStatus) => void;
  /** Abandons the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** A job did not do what it was for. */
export class JobError extends Error {
  override readonly name = "JobError";
}

/**
 * Starts a job; one of the same name that is there already is taken, so that a repeated command waits for the run of the
 * one before.
 */
export async function startJob(client: ClusterClient, spec: JobSpec): Promise<void> {
  try {
    await client.create(jobObject(spec), FIELD_MANAGER);
  } catch (error) {
    if (!isAlreadyExists(error)) {
      throw error;
    }
  }
}

/**
 * Runs a job to its end and removes it.
 *
 * @returns the last words of its first container
 * @throws JobError when it fails, cannot start, or takes too long; it is removed then, too
 */
export async function runJob(
  client: ClusterClient,
  spec: JobSpec,
  wait: JobWait = {},
): Promise<ContainerState> {
  await startJob(client, spec);
  try {
    const status = await waitForJob(client, spec, ({ state }) => isOver(state), wait);
    const [first] = status.containers;
    if (status.state !== "succeeded" || first === undefined) {
      throw new JobError(`Job ${spec.namespace}/${spec.name} failed: ${status.why}.`);
    }
    return first;
  } finally {
    await removeJob(client, spec);
  }
}

/**
 * Waits until a job stands as wanted, or is over.
 *
 * @throws JobError when neither comes in time, TakeError when it is abandoned
 */
export async function waitForJob(
  client: ClusterClient,
  spec: JobSpec,
  enough: (status: JobStatus) => boolean,
  wait: JobWait = {},
): Promise<JobStatus> {
  const timeoutMs = wait.limitMs ?? (spec.timeoutSeconds + 30) * 1000;
  let last: JobStatus | undefined;
  const look = async (): Promise<JobStatus | undefined> => {
    requireGoingOn(wait.signal);
    last = await readJob(client, spec);
    wait.onStatus?.(last);
    return enough(last) || isOver(last.state) ? last : undefined;
  };
  const found = await waitFor(look, { timeoutMs, pauseMs: wait.pollMs ?? 250 });
  if (found === undefined) {
    throw new JobError(
      `Job ${spec.namespace}/${spec.name} is still ${last?.state ?? ""} after ${Math.round(timeoutMs / 1000)} s: ${last?.why ?? ""}.`,
    );
  }
  return found;
}

/** Removes a job and its pods, and waits until they are gone, since they hold volumes. */
export async function removeJob(
  client: ClusterClient,
  { namespace, name, graceSeconds = 30 }: Pick<JobSpec, "namespace" | "name" | "graceSeconds">,
): Promise<void> {
  const reference = { apiVersion: "batch/v1", kind: "Job", namespace, name };
  const live = await client.get(reference);
  if (live !== undefined) {
    await client.delete(reference, live.metadata.uid);
  }
  let pods: readonly ClusterObject[] = [];
  const gone = async (): Promise<true | undefined> => {
    pods = await podsOf(client, { namespace, name });
    // The garbage collector does so as well, later: a pod that holds a volume should go now.
    for (const pod of pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
      await client.delete(referenceOf(pod), pod.metadata.uid);
    }
    return pods.length === 0 || undefined;
  };
  const timeoutMs = (graceSeconds + 60) * 1000;
  if ((await waitFor(gone, { timeoutMs, pauseMs: 100 })) === undefined) {
    const names = pods.map(({ metadata }) => metadata.name).join(", ");
    throw new JobError(`Pod ${names} of job ${namespace}/${name} does not end.`);
  }
}

function podsOf(
  client: ClusterClient,
  { namespace, name }: Pick<JobSpec, "namespace" | "name">,
): Promise<ClusterObject[]> {
  return client.list("v1", "Pod", { namespace, labelSelector: `job-name=${name}` });
}

/** How the job and its pod stand now. */
export async function readJob(
  client: ClusterClient,
  { namespace, name }: Pick<JobSpec, "namespace" | "name">,
): Promise<JobStatus> {
  const [job, pods] = await Promise.all([
    client.get({ apiVersion: "batch/v1", kind: "Job", namespace, name }),
    podsOf(client, { namespace, name }),
  ]);
  return judgeJob(job, pods[0]);
}
