import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import type { Probe, Site } from "../../planning/site";
import { readJob, startJob } from "../jobs/job";
import type { MemberVerification } from "../../planning/pointRecord";
import { createOwn, FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { waitFor } from "../../clients/wait";
import { requireGoingOn } from "../take/takeError";
import {
  judgeRestore,
  judgeTimeout,
  type RestoreStage,
  type RestoreView,
  type Warning,
} from "./judgeRestore";
import { probeJob } from "./probeJob";
import { claimObject, contentObject, scratchReferences, snapshotObject } from "./scratchObjects";
import type { LookPorts, MemberResult, ScratchPlan } from "./types";
import { judgeProbe } from "./verdict";

export interface VolumePorts extends LookPorts {
  /** Called as soon as the scratch claim is made, with its UID. */
  readonly onClaim: (uid: string) => Promise<void>;
}

/** What is known of the member beside the plan of its restore. */
export interface VolumeRequest {
  readonly site: Site;
  readonly timeoutSeconds: number | undefined;
  readonly plan: ScratchPlan;
  /** The member's earlier verifications, newest last. */
  readonly earlier: readonly MemberVerification[];
}

type VolumeResult = Omit<MemberResult, "member">;

const POLL_MS = 250;

/** Limit of a restore that no probe follows, in seconds. */
const RESTORE_SECONDS = 600;

/**
 * Restores a member into a scratch claim and looks at it. What is made stays: the caller removes it, whatever the outcome.
 *
 * @throws TakeError when it is interrupted, ClusterError when the cluster does not answer
 */
export async function verifyVolume(
  request: VolumeRequest,
  ports: VolumePorts,
): Promise<VolumeResult> {
  const { site, plan, earlier, timeoutSeconds } = request;
  const limit = timeoutSeconds ?? site.product.probe?.timeoutSeconds ?? RESTORE_SECONDS;
  const probe = site.product.probe && { ...site.product.probe, timeoutSeconds: limit };
  const began = ports.now();
  const seconds = (from: number): number => Math.round((ports.now() - from) / 100) / 10;
  await makeSnapshot(plan, ports);
  const bound = await until(plan, ports, limit, ({ stage }) => stage !== "binding");
  if ("why" in bound) {
    return { ...refusal(bound), seconds: seconds(began) };
  }
  await makeClaim(plan, site, probe, ports);
  const restored = await until(plan, ports, limit, ({ stage }) =>
    probe === undefined ? stage === "starting" : stage === "reading" || stage === "ended",
  );
  const restoreSeconds = seconds(began);
  if ("why" in restored) {
    return { ...refusal(restored), seconds: restoreSeconds };
  }
  if (probe === undefined) {
    return {
      verdict: "restored",
      why: "product.probe is not set, so that nothing can read it: give it an image with a shell and sha256sum",
      seconds: restoreSeconds,
      restoreSeconds,
    };
  }
  const reading = ports.now();
  const read = await until(plan, ports, limit, ({ stage }) => stage === "ended");
  const times = { seconds: seconds(began), restoreSeconds, readSeconds: seconds(reading) };
  if (read.stage !== "ended") {
    return { ...refusal(read), ...times };
  }
  return { ...judgeProbe(read.job, probe.command !== undefined, earlier), ...times };
}

function refusal(stage: RestoreStage): VolumeResult {
  const why = "why" in stage ? stage.why : "it did not come to its end";
  return { verdict: stage.stage === "failed" ? "failed" : "unknown", why };
}

async function makeSnapshot(plan: ScratchPlan, { client, onStep }: VolumePorts): Promise<void> {
  onStep?.(`create VolumeSnapshotContent ${plan.name}`);
  await client.create(contentObject(plan), FIELD_MANAGER);
  onStep?.(`create VolumeSnapshot ${plan.namespace}/${plan.name}`);
  await client.create(snapshotObject(plan), FIELD_MANAGER);
}

async function makeClaim(
  plan: ScratchPlan,
  { stack, topology }: Site,
  probe: Probe | undefined,
  { client, onStep, onClaim }: VolumePorts,
): Promise<void> {
  // Without a pod nobody would choose the node that a class which waits for one needs.
  const node =
    probe === undefined && plan.waitsForPod
      ? topology.sites.find(({ role }) => role === "data")?.storageNodes[0]
      : undefined;
  onStep?.(`create PersistentVolumeClaim ${plan.namespace}/${plan.name}`);
  const own = { client, stack, namespace: plan.namespace };
  const claim = await createOwn(own, claimObject(plan, node));
  onStep?.(`write down PersistentVolumeClaim ${plan.namespace}/${plan.name}`);
  await onClaim(claim.metadata.uid ?? "");
  if (probe !== undefined) {
    onStep?.(`create Job ${plan.namespace}/${plan.name}`);
    await startJob(client, probeJob(plan, probe));
  }
}

/** Looks until the member stands as wanted, or cannot go on. */
async function until(
  plan: ScratchPlan,
  ports: VolumePorts,
  limitSeconds: number,
  enough: (stage: RestoreStage) => boolean,
): Promise<RestoreStage> {
  let view: RestoreView | undefined;
  const stage = await waitFor(
    async () => {
      requireGoingOn(ports.signal);
      view = await look(ports.client, plan);
      const now = judgeRestore(view);
      const isEnd = enough(now) || "why" in now || now.stage === "ended";
      ports.progress.update(isEnd || !("text" in now) ? {} : { text: now.text });
      return isEnd ? now : undefined;
    },
    { timeoutMs: limitSeconds * 1000, pauseMs: ports.pollMs ?? POLL_MS },
  );
  return stage ?? judgeTimeout(view as RestoreView, limitSeconds);
}

async function look(client: ClusterClient, plan: ScratchPlan): Promise<RestoreView> {
  const of = scratchReferences(plan.namespace, plan.name);
  const [content, snapshot, claim, jobObject] = await Promise.all([
    client.get(of.content),
    client.get(of.snapshot),
    client.get(of.claim),
    client.get(of.job),
  ]);
  const job = jobObject === undefined ? undefined : await readJob(client, plan);
  const waits = job?.state !== "running" && job?.state !== "succeeded";
  const warnings = claim !== undefined && waits ? await readWarnings(client, claim) : [];
  return { content, snapshot, claim, job, warnings };
}

/**
 * Warnings about the claim and the job's pod, whose name begins with the claim's. Events outlive their objects: those of
 * an earlier verification, whose objects had the same names, say nothing.
 */
async function readWarnings(
  client: ClusterClient,
  { metadata: { namespace, name, uid, creationTimestamp = "" } }: ClusterObject,
): Promise<readonly Warning[]> {
  const events = await client.list("v1", "Event", { namespace, fieldSelector: "type=Warning" });
  const about = (event: ClusterObject, name: string): string =>
    fieldText(event, "involvedObject", name);
  return events
    .filter(({ metadata }) => timeOf(metadata.creationTimestamp) >= timeOf(creationTimestamp))
    .filter((event) =>
      about(event, "kind") === "Pod"
        ? about(event, "name").startsWith(`${name}-`)
        : about(event, "uid") === uid,
    )
    .sort((one, other) => lastTime(one) - lastTime(other))
    .map((event) => ({
      reason: fieldText(event, "reason"),
      message: fieldText(event, "message"),
    }));
}

function lastTime(event: ClusterObject): number {
  return timeOf(fieldText(event, "lastTimestamp"));
}

function timeOf(text: string | undefined): number {
  return Date.parse(text ?? "") || 0;
}
