import { memberKey } from "../../planning/pointMembers";
import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { LiveContent } from "../../drift/volumeObjects";
import { verifyName } from "../../planning/names";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Access } from "../../clients/access";
import { JobError } from "../jobs/job";
import type { Journal } from "../catalog/journal";
import type { ReleaseStore } from "../release/store";
import type { StepDetail } from "../../planning/pointRecord";
import type { Reporter } from "../../clients/reporter";
import { ownContent } from "../presence";
import { TakeError } from "../take/takeError";
import { cleanScratch } from "./cleanScratch";
import { ScratchError } from "./scratchClaim";
import type { ScratchPlace } from "./findScratch";
import type { ReadMember } from "./members";
import { planScratch, type ScratchSources } from "./scratchPlan";
import type { MemberResult, ScratchPlan } from "./types";
import { verificationOf, withVerification } from "./verdict";
import { verifyEtcd } from "./verifyEtcd";
import { verifyVolume } from "./verifyVolume";

/** Entry that names a scratch claim: its volume may outlive it. */
export const CLAIM_STEP = "scratch claim";

export interface VerifyRequest {
  readonly site: Site;
  readonly point: PointRecord;
  /** `namespace/claim` of the volumes to look at; empty means every member. */
  readonly only: readonly string[];
  /** Members at a time, integer >= 1. */
  readonly parallel: number;
  /** Limit for every wait; default `product.probe.timeoutSeconds`, else 600. */
  readonly timeoutSeconds?: number | undefined;
  /** Where a volume has to be usable; default anywhere. */
  readonly scheduling?: ScratchSources["scheduling"];
}

export interface VerifyPorts {
  readonly client: ClusterClient;
  readonly vcenter: Access<Pick<VcenterClient, "vms">>;
  readonly journal: Journal;
  readonly reporter: Reporter;
  /** The stored objects of releases. */
  readonly release: Pick<ReleaseStore, "problems">;
  readonly now: () => Date;
  /** Asks to stop: what was made is removed then, too. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each change; tests end the process from it. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** Between two looks at a member, in milliseconds; default 250. */
  readonly pollMs?: number | undefined;
  /** Takes a volume that was restored and read, before what is left of the scratch objects is removed. */
  readonly keep?: (member: VolumeMember, plan: ScratchPlan) => Promise<void>;
}

/** What is read once for all members. */
export type Sources = Omit<ScratchSources, "content"> & {
  readonly contents: readonly LiveContent[];
};

export interface MemberRequest extends VerifyRequest {
  readonly member: ReadMember;
  readonly sources: Sources;
  readonly place: ScratchPlace;
  /** Takes what could not be removed. */
  readonly left: string[];
}

/** One member from the first entry in the catalog to the last. */
export async function verifyMember(
  request: MemberRequest,
  ports: VerifyPorts,
): Promise<MemberResult> {
  const { site, point, member, place, left, timeoutSeconds } = request;
  const { journal, reporter, onStep, now } = ports;
  const key = memberKey(member);
  const name = verifyName(site.stack, point.name, key);
  if (ports.signal?.aborted === true) {
    return { member: key, verdict: "unknown", why: "the command was interrupted before" };
  }
  const progress = reporter.progress(key);
  const step = `verify ${key}`;
  const handle = member.kind === "volume" ? member.handle : member.file;
  let result: MemberResult;
  try {
    await journal.begin(step, { name, namespace: place.namespace, handle });
    result = { member: key, ...(await looked(request, ports, progress)) };
  } catch (error) {
    const { message } = error as Error;
    if (!TOLD.some((one) => error instanceof one)) {
      progress.fail(message);
      throw error;
    }
    result = { member: key, verdict: "unknown", why: message.replace(/\.$/, "") };
  } finally {
    progress.update({ text: "removing the scratch volume" });
    const limitMs = timeoutSeconds && timeoutSeconds * 1000;
    await cleanScratch(place, name, { onStep, limitMs }).catch((error: unknown) => {
      left.push((error as Error).message);
    });
  }
  const verification = verificationOf(result, now().toISOString());
  await journal.end(step, detailOf(result), (record) =>
    verification === undefined ? record : withVerification(record, verification),
  );
  const took = result.seconds === undefined ? "" : ` after ${result.seconds} s`;
  const text = `${result.verdict}${took}${result.why === undefined ? "" : `: ${result.why}`}`;
  if (result.verdict === "failed" || result.verdict === "unknown") {
    progress.fail(text);
  } else {
    progress.done(text);
  }
  return result;
}

async function looked(
  { site, point, member, sources, timeoutSeconds }: MemberRequest,
  ports: VerifyPorts,
  progress: ReturnType<Reporter["progress"]>,
): Promise<Omit<MemberResult, "member">> {
  const { journal, keep } = ports;
  const common = { ...ports, progress, now: () => ports.now().getTime() };
  if (member.kind === "etcd") {
    return verifyEtcd(site, point.name, member, common);
  }
  const content = ownContent(member, sources.contents)?.object;
  const plan = planScratch(member, { ...sources, content });
  if ("unknown" in plan) {
    return { verdict: "unknown", why: plan.unknown };
  }
  if (!plan.fileSystem && keep === undefined) {
    const why = "it is a block device, and the probe reads file systems";
    return { verdict: "unknown", why };
  }
  const key = memberKey(member);
  const earlier = journal.record.verifications.filter((one) => one.member === key);
  const onClaim = (uid: string): Promise<void> =>
    journal.note(CLAIM_STEP, { claim: plan.name, namespace: plan.namespace, uid });
  const { probe: _, ...unread } = site.product;
  const looking = plan.fileSystem ? site : { ...site, product: unread };
  const volume = { site: looking, plan, earlier, timeoutSeconds };
  const result = await verifyVolume(volume, { ...common, onClaim });
  if (result.verdict !== "failed" && result.verdict !== "unknown") {
    await keep?.(member, plan);
  }
  return content === undefined ? { ...result, unbound: true } : result;
}

/** Errors that speak of this member alone; any other ends the command. */
const TOLD = [ClusterError, JobError, ScratchError, TakeError];

function detailOf({ verdict, why, seconds, manifest }: MemberResult): StepDetail {
  const outcome = verdict === "failed" || verdict === "unknown" ? "failed" : "done";
  return {
    outcome,
    ...(seconds === undefined ? {} : { seconds }),
    ...(manifest === undefined
      ? {}
      : { digest: manifest.digest, count: manifest.files, bytes: manifest.bytes }),
    ...(why === undefined ? {} : { message: why }),
  };
}
