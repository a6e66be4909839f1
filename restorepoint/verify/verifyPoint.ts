import { inParallel } from "../../clients/parallel";
import { withProgress } from "../../clients/reporter";
import { contentOf, SNAPSHOT_API } from "../../drift/volumeObjects";
import { backendOf } from "../../planning";
import { RELEASE_KEY } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { cleanScratch, clearScratch } from "./cleanScratch";
import type { ScratchPlace } from "./findScratch";
import { bindGroups } from "./groups";
import { goneMembers, lookAtVms, membersToRead } from "./members";
import type { MemberResult } from "./types";
import { verificationOf, withVerification } from "./verdict";
import {
  CLAIM_STEP,
  verifyMember,
  type Sources,
  type VerifyPorts,
  type VerifyRequest,
} from "./verifyMember";

export type { VerifyPorts, VerifyRequest } from "./verifyMember";

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
  const { reporter, now } = ports;
  const began = now().getTime();
  const place = {
    ...ports,
    stack: site.stack,
    point: point.name,
    namespace: site.cluster.namespace,
  };
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
  const seconds = Math.round((now().getTime() - began) / 100) / 10;
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
  { journal, release, now }: VerifyPorts,
): Promise<readonly MemberResult[]> {
  if (objects === undefined) {
    return [];
  }
  const began = now().getTime();
  const problems = await release.problems(name, objects);
  const result: MemberResult = {
    member: RELEASE_KEY,
    verdict: problems.length === 0 ? "proven" : "failed",
    seconds: Math.round((now().getTime() - began) / 100) / 10,
    ...(problems.length === 0 ? {} : { why: problems.join(" ") }),
  };
  const verification = verificationOf(result, now().toISOString());
  await journal.note("verify release objects", { count: problems.length }, (record) =>
    verification === undefined ? record : withVerification(record, verification),
  );
  return [result];
}

/** What a killed run made goes, wherever it stopped, and its steps are ended in the catalog. */
async function clearLeftovers(
  place: ScratchPlace,
  { journal, reporter, onStep }: VerifyPorts,
): Promise<void> {
  const uids = journal.record.journal.entries.flatMap(({ step, detail }) =>
    step === CLAIM_STEP && detail.uid !== undefined ? [detail.uid] : [],
  );
  const removed = await clearScratch(place, new Set(uids), { onStep });
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
