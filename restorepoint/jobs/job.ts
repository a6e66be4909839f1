import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { isAlreadyExists } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { requireGoingOn } from "../take/takeError";
import { jobObject, type JobSpec } from "./jobObject";
import { isOver, judgeJob, type ContainerState, type JobStatus } from "./jobStatus";

export type { JobContainer, JobMount, JobSpec } from "./jobObject";

const FIELD_MANAGER = "atom-backup";

export interface JobWait {
  /** How long to wait, in milliseconds; default the job's own limit and half a minute. */
  readonly limitMs?: number;
  readonly pollMs?: number;
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
  const limit = wait.limitMs ?? (spec.timeoutSeconds + 30) * 1000;
  const end = Date.now() + limit;
  for (;;) {
    requireGoingOn(wait.signal);
    const status = await readJob(client, spec);
    wait.onStatus?.(status);
    if (enough(status) || isOver(status.state)) {
      return status;
    }
    if (Date.now() >= end) {
      throw new JobError(
        `Job ${spec.namespace}/${spec.name} is still ${status.state} after ${Math.round(limit / 1000)} s: ${status.why}.`,
      );
    }
    await pause(wait.pollMs ?? 250, undefined, { signal: wait.signal }).catch(() => undefined);
  }
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
  const end = Date.now() + (graceSeconds + 60) * 1000;
  for (;;) {
    const pods = await podsOf(client, { namespace, name });
    if (pods.length === 0) {
      return;
    }
    // The garbage collector does so as well, later: a pod that holds a volume should go now.
    for (const pod of pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
      const at = { apiVersion: "v1", kind: "Pod", namespace, name: pod.metadata.name };
      await client.delete(at, pod.metadata.uid);
    }
    if (Date.now() >= end) {
      const names = pods.map(({ metadata }) => metadata.name).join(", ");
      throw new JobError(`Pod ${names} of job ${namespace}/${name} does not end.`);
    }
    await pause(100);
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
