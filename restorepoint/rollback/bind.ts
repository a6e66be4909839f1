import type { ClusterClient } from "../../clients/kubernetes/client";
import {
  describeObject,
  field,
  fieldText,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { carries, FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { inParallel } from "../../clients/parallel";
import { waitFor } from "../../clients/wait";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { shortHash } from "../../planning/names";
import { memberKey } from "../../planning/pointMembers";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";
import { pointLabels } from "../../planning/volumeSnapshots";
import type { Journal } from "../catalog/journal";
import { ownContent } from "../presence";
import { BEING_DELETED } from "../removeTaken";
import { annotated, contentOf } from "../take/watch";
import { letGo } from "../verify/cleanScratch";
import { contentObject, snapshotObject } from "../verify/scratchObjects";
import { planScratch } from "../verify/scratchPlan";
import type { Sources } from "../verify/verifyMember";
import { RollbackError } from "./types";
import type { VolumePorts } from "./volumes";

export interface BindPorts extends VolumePorts {
  readonly journal: Journal;
}

const IN_FLIGHT = 8;

/**
 * Makes VolumeSnapshots of a point again under their names, by contents that name the storage's own handles. The source of
 * a content cannot be changed, so that one whose VolumeSnapshot is gone is replaced; the storage keeps its snapshot
 * meanwhile. Repeatable.
 *
 * @throws RollbackError naming what the storage or somebody else's object stands against
 */
export async function bindMembers(
  members: readonly VolumeMember[],
  sources: Sources,
  ports: BindPorts,
): Promise<void> {
  const { journal } = ports;
  const plans = members.map((member) => planMember(member, sources));
  await inParallel(plans, IN_FLIGHT, async (plan) => {
    const { member, content } = plan;
    const step = `bind ${memberKey(member)}`;
    const { namespace, claim, handle } = member;
    await journal.begin(step, { namespace, claim, handle });
    await bind(plan, sources, ports);
    await journal.end(step, { outcome: "done" }, (record) => withContent(record, member, content));
  });
}

interface MemberPlan {
  readonly member: VolumeMember;
  /** Name of the content that will be bound. */
  readonly content: string;
  readonly objects: readonly [content: ClusterObject, snapshot: ClusterObject];
}

function planMember(member: VolumeMember, sources: Sources): MemberPlan {
  const { site, point, contents } = sources;
  const former = ownContent(member, contents);
  const plan = planScratch(member, { ...sources, content: former?.object });
  if ("unknown" in plan) {
    throw new RollbackError(`${memberKey(member)} cannot be bound: ${plan.unknown}.`);
  }
  const { namespace, snapshot: name } = member;
  const labels = pointLabels({ stack: site.stack, point });
  const deletionPolicy = former?.deletionPolicy ?? site.snapshots.deletionPolicy;
  const bound = `bound-${shortHash(JSON.stringify([site.stack, point, memberKey(member)]))}`;
  const content = contentObject({ ...plan, labels, name: bound });
  const snapshot = snapshotObject({ ...plan, labels, name: bound });
  return {
    member,
    content: bound,
    objects: [
      {
        ...content,
        spec: {
          ...(content["spec"] as object),
          deletionPolicy,
          volumeSnapshotRef: { namespace, name },
        },
      },
      { ...snapshot, metadata: { name, namespace, labels } },
    ],
  };
}

async function bind(
  { member, content: name, objects: [content, snapshot] }: MemberPlan,
  { contents }: Sources,
  ports: BindPorts,
): Promise<void> {
  const { client, onStep } = ports;
  const reference = referenceOf(content);
  const there = await client.get(referenceOf(snapshot));
  const isMade =
    there !== undefined && leadsTo(there, name) && (await client.get(reference)) !== undefined;
  if (!isMade) {
    await removeAlone(there, snapshot, ports);
    const former = ownContent(member, contents)?.name ?? name;
    for (const one of new Set([former, name])) {
      await removeContent({ ...reference, name: one }, member, ports);
    }
    onStep();
    await client.create(content, FIELD_MANAGER);
    onStep();
    await client.create(snapshot, FIELD_MANAGER);
  }
  try {
    await untilReady(referenceOf(snapshot), name, ports);
  } catch (error) {
    // Without the storage's snapshot the objects would say that there is one.
    await client.delete(referenceOf(snapshot), undefined);
    await removeContent(reference, member, ports);
    throw error;
  }
}

function leadsTo(snapshot: ClusterObject, content: string): boolean {
  return (
    fieldText(snapshot, "spec", "source", "volumeSnapshotContentName") === content &&
    snapshot.metadata.deletionTimestamp === undefined
  );
}

/** A VolumeSnapshot of the point's whose content is gone leads nowhere; any other is not touched. */
async function removeAlone(
  live: ClusterObject | undefined,
  wanted: ClusterObject,
  { client, onStep, limitMs }: BindPorts,
): Promise<void> {
  if (live === undefined) {
    return;
  }
  const reference = referenceOf(live);
  const content = contentOf(live);
  if (
    !carries(live, wanted.metadata.labels ?? {}) ||
    (content !== undefined && (await client.get(content)) !== undefined)
  ) {
    throw new RollbackError(
      `${describeObject(reference)} is there and leads to another snapshot: remove it, and run the command again.`,
    );
  }
  onStep();
  await client.delete(reference, live.metadata.uid);
  await letGo(client, reference, limitMs);
}

/** Removes a content and never the storage's snapshot. */
async function removeContent(
  reference: ObjectReference,
  { handle }: VolumeMember,
  { client, onStep, limitMs }: BindPorts,
): Promise<void> {
  onStep();
  const live = await client.modify(reference, FIELD_MANAGER, (content) =>
    annotated(
      { ...content, spec: { ...(content["spec"] as object), deletionPolicy: "Retain" } },
      { [BEING_DELETED]: "yes" },
    ),
  );
  if (live === undefined) {
    return;
  }
  const own = fieldText(live, "spec", "source", "snapshotHandle");
  if (own !== handle && fieldText(live, "status", "snapshotHandle") !== handle) {
    throw new RollbackError(`${describeObject(reference)} is of another snapshot than ${handle}.`);
  }
  onStep();
  await client.delete(reference, live.metadata.uid);
  await letGo(client, reference, limitMs);
}

async function untilReady(
  reference: ObjectReference,
  content: string,
  { client, limitMs, signal }: BindPorts,
): Promise<void> {
  let why = "the snapshot controller says nothing of it";
  const ready = async (): Promise<true | undefined> => {
    const live = await client.get(reference);
    const of = await errorOf(client, live, { ...reference, name: content });
    why = of ?? why;
    if (of !== undefined && GONE.test(of)) {
      throw new RollbackError(`${describeObject(reference)} cannot be bound: ${of}`);
    }
    return live !== undefined && field(live, "status", "readyToUse") === true ? true : undefined;
  };
  if ((await waitFor(ready, { timeoutMs: limitMs, pauseMs: 200, signal })) === undefined) {
    throw new RollbackError(
      `${describeObject(reference)} is not bound after ${Math.round(limitMs / 1000)} s: ${why}`,
    );
  }
}

/** What the storage answers for a snapshot that it does not have. */
const GONE = /NotFound|not found|does not exist|InvalidArgument/i;

/** The last word of the controller and of the driver. */
async function errorOf(
  client: ClusterClient,
  snapshot: ClusterObject | undefined,
  { name }: ObjectReference,
): Promise<string | undefined> {
  const content = { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name };
  const live = await client.get(content);
  const texts = [live, snapshot].map((one) =>
    one === undefined ? "" : fieldText(one, "status", "error", "message"),
  );
  return texts.find((text) => text !== "");
}

function withContent(record: PointRecord, member: VolumeMember, content: string): PointRecord {
  const key = memberKey(member);
  return {
    ...record,
    members: record.members.map((one) => (memberKey(one) === key ? { ...one, content } : one)),
  };
}
