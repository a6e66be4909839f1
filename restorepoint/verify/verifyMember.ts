import { memberKey } from "../../planning/pointMembers";
import { ClusterError } from "../../clients/kubernetes/error";
import type { LiveContent } from "../../drift/volumeObjects";
import { verifyName } from "../../planning/names";
import type { PointRecord, StepDetail } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { JobError } from "../jobs/job";
import { ownContent } from "../presence";
import { TakeError } from "../take/takeError";
import { cleanScratch, type ScratchPlace } from "./cleanScratch";
import { ScratchError } from "./scratchClaim";
import { planScratch, type ScratchSources } from "./scratchPlan";
import type { LookPorts, MemberResult, ReadMember, VerifyPorts } from "./types";
import { verificationOf, withVerification } from "./verdict";
import { verifyEtcd } from "./verifyEtcd";
import { verifyVolume } from "./verifyVolume";

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
    result = { member: key, ...(await looked(request, { ...ports, progress })) };
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
  await journal.end(step, detailOf(result), (record) => withVerification(record, verification));
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
  ports: LookPorts,
): Promise<Omit<MemberResult, "member">> {
  if (member.kind === "etcd") {
    return verifyEtcd(site, point.name, member, ports);
  }
  const content = ownContent(member, sources.contents)?.object;
  const plan = planScratch(member, { ...sources, content });
  if ("unknown" in plan) {
    return { verdict: "unknown", why: plan.unknown };
  }
  if (!plan.fileSystem && ports.keep === undefined) {
    const why = "it is a block device, and the probe reads file systems";
    return { verdict: "unknown", why };
  }
  const result = await verifyVolume(site, plan, timeoutSeconds, ports);
  if (result.verdict !== "failed" && result.verdict !== "unknown") {
    await ports.keep?.(member, plan);
  }
  return content === undefined ? { ...result, unbound: true } : result;
}

/** Errors that speak of this member alone; any other ends the command. */
const TOLD = [ClusterError, JobError, ScratchError, TakeError];

function detailOf({ verdict, why, seconds, manifest }: MemberResult): StepDetail {
  const outcome = verdict === "failed" || verdict === "unknown" ? "failed" : "done";
  const { digest, files: count, bytes } = manifest ?? {};
  return { outcome, seconds, digest, count, bytes, message: why };
}
