import type { ClusterClient } from "../../cluster/client";
import { ClusterError } from "../../cluster/error";
import type { ClusterObject } from "../../cluster/object";
import { verifyName } from "../../planning/names";
import type { RestorePointFile, Site } from "../../planning/site";
import type { VcenterClient } from "../../vcenter/client";
import type { Access } from "../access";
import { JobError } from "../jobs/job";
import type { Journal } from "../ledger/journal";
import { memberKey } from "../ledger/proof";
import type { StepDetail } from "../ledger/types";
import { inParallel } from "../parallel";
import type { Reporter } from "../reporter";
import {
  cleanScratch,
  cleanVolumes,
  findScratch,
  ScratchError,
  type ScratchPlace,
} from "./cleanScratch";
import { goneMembers, lookAtMachines, membersToRead, type ReadMember } from "./members";
import { SNAPSHOT_API } from "./scratchObjects";
import { planScratch, type ScratchSources } from "./scratchPlan";
import type { MemberResult } from "./types";
import { verificationOf, withVerification } from "./verdict";
import { verifyEtcd } from "./verifyEtcd";
import { InterruptedError, verifyVolume } from "./verifyVolume";

/** Name of the command in the ledger. */
export const VERIFY_COMMAND = "restore-point verify";

/** Entry that names a scratch claim: its volume may outlive it. */
const CLAIM_STEP = "scratch claim";

export interface VerifyRequest {
  readonly site: Site;
  readonly point: RestorePointFile;
  /** `namespace/claim` of the volumes to look at; empty means every member. */
  readonly only: readonly string[];
  /** Members at a time, integer >= 1. */
  readonly parallel: number;
}

export interface VerifyPorts {
  readonly client: ClusterClient;
  readonly vcenter: Access<Pick<VcenterClient, "machines">>;
  /** Opened for {@link VERIFY_COMMAND}; it is closed here. */
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly now: () => Date;
  /** Whether somebody asked to stop: what was made is removed then, too. */
  readonly stopping?: () => boolean;
  /** Called before each change; tests end the process from it. */
  readonly onStep?: (what: string) => void;
  /** Between two looks at a member, in milliseconds; default 250. */
  readonly pollMs?: number;
}

export interface PointVerification {
  /** By kind and name: volumes, etcd, VMs, then those that are gone. */
  readonly members: readonly MemberResult[];
  readonly seconds: number;
  /** What could not be removed, in sentences; the next run goes on from there. */
  readonly left: readonly string[];
}

/**
 * Restores every living member of a point into scratch claims and looks at the bytes, several at a time, and removes again
 * all that it made. What an earlier run left is removed first. The point itself, and the product, are only read.
 *
 * @throws LedgerError when another run works on the point; ClusterError when the cluster does not answer
 */
export async function verifyPoint(
  request: VerifyRequest,
  ports: VerifyPorts,
): Promise<PointVerification> {
  const { site, point, only, parallel } = request;
  const { journal, reporter, now } = ports;
  const began = now().getTime();
  const place = {
    ...ports,
    stack: site.stack,
    point: point.name,
    namespace: site.cluster.namespace,
  };
  await clearLeftovers(place, ports);
  await journal.note("members", { count: point.members.length }, (catalogue) => ({
    ...catalogue,
    ...(point.cutAt === undefined ? {} : { cutAt: point.cutAt }),
    members: point.members,
  }));
  const members = membersToRead(point, only);
  const sources = await readSources(request, ports);
  const results = new Map<ReadMember, MemberResult>();
  const left: string[] = [];
  const all = reporter.progress(`Verifying ${point.name}`);
  all.update({ done: 0, total: members.length });
  const failures = await inParallel(members, parallel, async (member) => {
    const result = await verifyMember({ ...request, member, sources, place, left }, ports);
    results.set(member, result);
    all.update({ done: results.size, total: members.length });
  });
  const [failure] = failures;
  if (failure !== undefined) {
    all.fail((failure.error as Error).message);
    throw failure.error;
  }
  all.done(`${results.size} of ${members.length} members looked at`);
  const machines = only.length > 0 ? [] : await lookAtMachines(point, ports.vcenter);
  const found = [
    ...members.flatMap((member) => results.get(member) ?? []),
    ...machines,
    ...(only.length > 0 ? [] : goneMembers(point)),
  ];
  const failed = found.some(({ verdict }) => verdict === "failed" || verdict === "unknown");
  await journal.close(failed ? "failed" : "done", { count: found.length });
  return { members: found, seconds: Math.round((now().getTime() - began) / 100) / 10, left };
}

/** What a killed run made goes, wherever it stopped, and its steps are ended in the ledger. */
async function clearLeftovers(
  place: ScratchPlace,
  { journal, reporter, onStep }: VerifyPorts,
): Promise<void> {
  const names = await findScratch(place);
  if (names.length > 0) {
    reporter.info(
      `Removing what an interrupted verification of ${place.point} left: ${names.join(", ")}`,
    );
  }
  for (const name of names) {
    await cleanScratch(place, name, { onStep });
  }
  const uids = journal.document.entries.flatMap(({ step, detail }) =>
    step === CLAIM_STEP && detail.uid !== undefined ? [detail.uid] : [],
  );
  await cleanVolumes(place, new Set(uids), { onStep });
  for (const left of journal.pending().filter(({ command }) => command === VERIFY_COMMAND)) {
    await journal.settle(left, { outcome: "undone" });
  }
}

type Sources = Omit<ScratchSources, "content"> & {
  readonly contents: ReadonlyMap<string, ClusterObject>;
};

async function readSources(
  { site, point }: VerifyRequest,
  { client, journal }: VerifyPorts,
): Promise<Sources> {
  const [contents, classes, snapshotClass] = await Promise.all([
    client.list(SNAPSHOT_API, "VolumeSnapshotContent"),
    client.list("storage.k8s.io/v1", "StorageClass"),
    client.get({
      apiVersion: SNAPSHOT_API,
      kind: "VolumeSnapshotClass",
      name: site.snapshots.className,
    }),
  ]);
  return {
    site,
    point: point.name,
    lineage: journal.catalogue.lineage,
    classes,
    snapshotClassIsThere: snapshotClass !== undefined,
    contents: new Map(contents.map((content) => [content.metadata.name, content])),
  };
}

interface MemberRequest extends VerifyRequest {
  readonly member: ReadMember;
  readonly sources: Sources;
  readonly place: ScratchPlace;
  /** Takes what could not be removed. */
  readonly left: string[];
}

/** One member from the first entry in the ledger to the last. */
async function verifyMember(request: MemberRequest, ports: VerifyPorts): Promise<MemberResult> {
  const { site, point, member, place, left } = request;
  const { journal, reporter, onStep, now } = ports;
  const key = memberKey(member);
  const name = verifyName(site.stack, point.name, key);
  if (ports.stopping?.() === true) {
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
    if (!isTold(error)) {
      progress.fail((error as Error).message);
      throw error;
    }
    result = { member: key, verdict: "unknown", why: unended((error as Error).message) };
  } finally {
    progress.update({ text: "removing the scratch volume" });
    await cleanScratch(place, name, { onStep }).catch((error: unknown) => {
      left.push((error as Error).message);
    });
  }
  const verification = verificationOf(result, now().toISOString());
  await journal.end(step, detailOf(result), (catalogue) =>
    verification === undefined ? catalogue : withVerification(catalogue, verification),
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
  { site, point, member, sources }: MemberRequest,
  ports: VerifyPorts,
  progress: ReturnType<Reporter["progress"]>,
): Promise<Omit<MemberResult, "member">> {
  const { client, journal, onStep, pollMs } = ports;
  const common = {
    client,
    progress,
    onStep,
    pollMs,
    now: () => ports.now().getTime(),
    stopping: ports.stopping ?? (() => false),
  };
  if (member.kind === "etcd") {
    return verifyEtcd(site, point.name, member, common);
  }
  const plan = planScratch(member, { ...sources, content: sources.contents.get(member.content) });
  if ("cannotTell" in plan) {
    return { verdict: "unknown", why: plan.cannotTell };
  }
  if (!plan.fileSystem) {
    const why = "it is a block device, and the probe reads file systems";
    return { verdict: "unknown", why };
  }
  const key = memberKey(member);
  const earlier = journal.catalogue.verifications.filter((one) => one.member === key);
  const onClaim = (uid: string): Promise<void> =>
    journal.note(CLAIM_STEP, { claim: plan.name, namespace: plan.namespace, uid });
  return verifyVolume({ site, plan, earlier }, { ...common, onClaim });
}

/** Errors that speak of this member alone; any other ends the command. */
function isTold(error: unknown): boolean {
  return (
    error instanceof ClusterError ||
    error instanceof JobError ||
    error instanceof ScratchError ||
    error instanceof InterruptedError
  );
}

function unended(message: string): string {
  return message.replace(/\.$/, "");
}

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
