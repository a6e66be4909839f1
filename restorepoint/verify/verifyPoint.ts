import { readFrom, whyUnread } from "../../clients/access";
import { inParallel } from "../../clients/parallel";
import { withProgress } from "../../clients/reporter";
import { contentOf, SNAPSHOT_API } from "../../drift/volumeObjects";
import { backendOf } from "../../planning";
import { isLiving, memberKey, RELEASE_KEY, vmMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { findVmSnapshot } from "../presence";
import { cleanScratch, clearScratch, type ScratchPlace } from "./cleanScratch";
import { bindGroups } from "./groups";
import { secondsSince, type MemberResult, type ReadMember, type VerifyPorts } from "./types";
import { verificationOf, withVerification } from "./verdict";
import { verifyMember, type Sources, type VerifyRequest } from "./verifyMember";

/** Name of the command in the catalog. */
export const VERIFY_COMMAND = "restore-point verify";

export interface PointVerification {
  /** By kind and name: volumes, etcd, VMs, then those that are gone. */
  readonly members: readonly MemberResult[];
  readonly seconds: number;
  /** What could not be removed, in sentences; the next run goes on from there. */
  readonly left: readonly string[];
  /** What is outside of it, e.g. claims that the point does not hold. */
  readonly uncovered: readonly string[];
}

/**
 * Restores every living member of a point into scratch claims and looks at the bytes, several at a time, and removes again
 * all that it made. What an earlier run left is removed first. The point itself, and the product, are only read. The
 * journal stays open.
 *
 * @throws CatalogError when another run works on the point; ClusterError when the cluster does not answer
 */
export async function verifyPoint(
  request: VerifyRequest,
  ports: VerifyPorts,
): Promise<PointVerification> {
  const { site, point, only, parallel } = request;
  const { client, reporter } = ports;
  const began = ports.now();
  const { namespace } = site.cluster;
  const place = { client, stack: site.stack, point: point.name, namespace };
  await clearLeftovers(place, ports);
  const members = membersToRead(point, only);
  const sources = await readSources(request, ports);
  const left: string[] = [];
  const volumes = members.filter((member) => member.kind === "volume");
  const driver = backendOf(site.backend)?.provisioner(site.backendOptions) ?? "";
  const groups = await bindGroups(place, volumes, driver);
  const results = await withProgress(
    reporter,
    `Verifying ${point.name}`,
    async (progress) => {
      let done = 0;
      progress.update({ done, total: members.length });
      try {
        return await inParallel(members, parallel, async (member) => {
          const result = await verifyMember({ ...request, member, sources, place, left }, ports);
          progress.update({ done: ++done });
          return result;
        });
      } finally {
        for (const name of groups) {
          await cleanScratch(place, name).catch((error: Error) => left.push(error.message));
        }
      }
    },
    (all) => `${all.length} of ${members.length} members looked at`,
  );
  const found = [
    ...results,
    ...(only.length > 0
      ? []
      : [
          ...(await checkRelease(point, ports)),
          ...(await lookAtVms(point, ports.vcenter)),
          ...goneMembers(point),
        ]),
  ];
  const seconds = secondsSince(began, ports);
  return { members: found, seconds, left, uncovered: uncoveredBy(point) };
}

/** What no verification of a point says anything of, for people. */
function uncoveredBy({ uncovered, objects }: PointRecord): readonly string[] {
  return [
    ...uncovered.map(({ namespace, claim }) => `${namespace}/${claim}`),
    ...(objects === undefined ? ["the release's objects, which were never stored"] : []),
  ];
}

/** Compares what is stored of the release, in both places, with what was recorded. */
async function checkRelease(
  { name, objects }: PointRecord,
  ports: VerifyPorts,
): Promise<readonly MemberResult[]> {
  if (objects === undefined) {
    return [];
  }
  const began = ports.now();
  const problems = await ports.release.problems(name, objects);
  const result: MemberResult = {
    member: RELEASE_KEY,
    verdict: problems.length === 0 ? "proven" : "failed",
    seconds: secondsSince(began, ports),
    why: problems.join(" ") || undefined,
  };
  const verification = verificationOf(result, ports.now().toISOString());
  await ports.journal.note("verify release objects", { count: problems.length }, (record) =>
    withVerification(record, verification),
  );
  return [result];
}

/** What a killed run made goes, wherever it stopped, and its steps are ended in the catalog. */
async function clearLeftovers(
  place: ScratchPlace,
  { journal, reporter, onStep }: VerifyPorts,
): Promise<void> {
  const removed = await clearScratch(place, journal, { onStep });
  if (removed.length > 0) {
    reporter.info(
      `Removed what an interrupted verification of ${place.point} left: ${removed.join(", ")}`,
    );
  }
  await journal.settleAll(VERIFY_COMMAND, { outcome: "undone" });
}

/** What is read once to restore the members of a point. */
export async function readSources(
  { site, point, scheduling }: Pick<VerifyRequest, "site" | "point" | "scheduling">,
  { client }: Pick<VerifyPorts, "client">,
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
    lineage: point.lineage,
    scheduling,
    classes,
    snapshotClassIsThere: snapshotClass !== undefined,
    contents: contents.map(contentOf),
  };
}

/** Members to look into: all that are living, or those volumes that are named `namespace/claim`. */
function membersToRead(
  { members }: Pick<PointRecord, "members">,
  only: readonly string[],
): readonly ReadMember[] {
  return members
    .filter(isLiving)
    .filter((member) => member.kind !== "virtualMachine")
    .filter(
      (member) =>
        only.length === 0 || only.some((claim) => memberKey(member) === `volume ${claim}`),
    );
}

/** Members that the point's file calls lost or expired: they are told, and not looked for. */
function goneMembers({ members }: Pick<PointRecord, "members">): MemberResult[] {
  return members.flatMap((member): MemberResult[] => {
    const { lost, expiredAt } = member;
    if (lost !== undefined) {
      return [{ member: memberKey(member), verdict: "lost", why: `found missing at ${lost}` }];
    }
    return expiredAt === undefined
      ? []
      : [{ member: memberKey(member), verdict: "expired", why: `removed at ${expiredAt}` }];
  });
}

/** Whether the snapshots of the node VMs exist under their references; more cannot be told without a revert. */
async function lookAtVms(
  point: PointRecord,
  vcenter: VerifyPorts["vcenter"],
): Promise<readonly MemberResult[]> {
  const wanted = vmMembers(point).filter(isLiving);
  if (wanted.length === 0) {
    return [];
  }
  const live = await readFrom(vcenter, (client) => client.vms());
  return wanted.map((one): MemberResult => {
    const member = memberKey(one);
    if (live.state !== "read") {
      const why = whyUnread(live, "virtualMachines is not set, so no vCenter is known");
      return { member, verdict: "unknown", why };
    }
    const found = findVmSnapshot(one, point, live.value);
    return found.state === "found"
      ? { member, verdict: "there" }
      : { member, verdict: "failed", why: found.why };
  });
}
