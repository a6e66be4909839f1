import { stackOption } from "../../config/stackNames";
import { fieldText, fullName } from "../../clients/kubernetes/object";
import { lostOf } from "../../drift/points";
import { type Finding, found, judged } from "../../drift/types";
import type { LiveContent } from "../../drift/volumeObjects";
import type { FieldChange } from "../../engine/preview";
import { decideDue } from "../../planning/expiry";
import { isLiving, memberKey, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { listed } from "../../planning/words";
import { factsOf } from "../../restorepoint/expire/reviewExpiry";
import { pointStatus, type MemberFacts, type PointStatus } from "../../restorepoint/inventory";
import type { KnownPoints } from "../../restorepoint/knownPoints";
import type { ClusterSnapshots, LiveSnapshots } from "../../restorepoint/liveSnapshots";
import { ownContent } from "../../restorepoint/presence";
import { groupHandleOf } from "../../restorepoint/served";

/** What restore points are held against. */
export interface PointsSeen {
  readonly site: Site;
  readonly known: KnownPoints;
  readonly live: LiveSnapshots;
  /** Whether nothing of the catalog's copy off the cluster is here, which alone tells what was proven. */
  readonly isCopyAway: boolean;
  readonly now: Date;
}

/**
 * Restore points that do not lead back any more as they were taken, are not complete, or should have ended. Pure. VM
 * snapshots are declared, and judged with all else that is (`judgeSnapshot`).
 */
export function judgePoints(seen: PointsSeen): Finding[] {
  const { site, known, live, isCopyAway, now } = seen;
  const points = known.points.filter(({ state }) => state !== "expired");
  const command = (text: string): string =>
    `./atom restore-point ${text}${stackOption(site.stack)}`;
  const limits = site.virtualMachines;
  const due = new Map(
    live.cluster.state === "unknown" || isCopyAway
      ? []
      : decideDue(
          known.points,
          (name) => factsOf(recordNamed(known.points, name), live),
          site.retention,
          limits?.maxAgeHours,
          now,
        ).map(({ name, reason }) => [name, reason]),
  );
  const ofPoints = points.flatMap((point) => {
    const status = pointStatus({ point, points: known.points, liveSnapshots: live, limits, now });
    const notes = isCopyAway ? [] : (known.notes.get(point.name) ?? []);
    return [
      ...judged(
        `restore point ${point.name}`,
        judgePoint(point, lostOf(site, point), status, due.get(point.name), notes, command),
      ),
      ...judgeVolumes(seen, point, status, command),
    ];
  });
  const isSaid = ofPoints.some(
    ({ kind, object }) => kind === "unknown" && /^volumes of/.test(object),
  );
  return [
    ...known.unknown
      // Nobody was to look into the cluster.
      .filter((why) => live.cluster.state !== "notNeeded" || !why.startsWith("Catalog: "))
      .map((why) => found("unknown", "catalog of restore points", why)),
    ...(live.cluster.state === "unknown" && !isSaid
      ? [found("unknown", "snapshots of volumes", live.cluster.why)]
      : []),
    ...ofPoints,
  ];
}

type Command = (text: string) => string;

function recordNamed(points: readonly PointRecord[], name: string): PointRecord {
  return points.find((point) => point.name === name) as PointRecord;
}

function judgePoint(
  point: PointRecord,
  lost: readonly string[],
  { interrupted }: PointStatus,
  due: string | undefined,
  notes: readonly string[],
  command: Command,
): Finding[] {
  const { name, state } = point;
  const object = `restore point ${name}`;
  const say = (kind: Finding["kind"], reason: string, mend?: string): Finding =>
    found(kind, object, reason, [], mend && command(mend));
  const isTaking = state === "taking" && point.volumes.length > 0;
  return [
    ...(lost.length === 0 && state !== "lost"
      ? []
      : [say("lost", `It leads back no more for ${listed(lost)}.`, `expire ${name}`)]),
    ...(interrupted.length > 0
      ? [say("differs", `${interrupted.join("; ")}.`)]
      : isTaking
        ? [
            say(
              "differs",
              "Its taking was begun and not ended: unless that runs still, the command completes it or gives it up.",
              `create ${name}`,
            ),
          ]
        : due === undefined
          ? []
          : [say("differs", `It should have ended: ${due}.`, "expire --due")]),
    ...notes.map((note) => say("differs", note)),
  ];
}

function judgeVolumes(
  { site, live: { cluster } }: PointsSeen,
  point: PointRecord,
  { members, unknown }: PointStatus,
  command: Command,
): Finding[] {
  if (!["ready", "lost"].includes(point.state) || cluster.state === "notNeeded") {
    return [];
  }
  if (cluster.state === "unknown") {
    return unknown
      .filter((why) => why.startsWith("Volume"))
      .map((why) => found("unknown", `volumes of restore point ${point.name}`, why));
  }
  const facts = new Map(members.map((member) => [member.key, member]));
  const living = volumeMembers(point).filter(isLiving);
  return [
    ...living.flatMap((member) => {
      const key = memberKey(member);
      const object = `${key} of restore point ${point.name}`;
      const own = ownContent(member, cluster.value.contents);
      return judged(object, [
        ...judgePresence(object, facts.get(key) as MemberFacts, command(`repair ${point.name}`)),
        ...(own === undefined ? [] : judgeContent(object, member, own, cluster.value, site)),
      ]);
    }),
    ...judgeGroups(living, cluster.value),
  ];
}

function judgePresence(object: string, { presence, why }: MemberFacts, mend: string): Finding[] {
  const reason = `${(why ?? "it is not as it was taken").replace(/^./, (first) => first.toUpperCase())}.`;
  switch (presence) {
    case "missing":
    case "unbound":
      return [found("missing", object, reason, [], mend)];
    case "lost":
      return [found("lost", object, reason)];
    case "there":
      return why === undefined ? [] : [found("differs", object, reason)];
    default:
      return [];
  }
}

/** Put on by the snapshot controller while a VolumeSnapshot leads to the content. */
const PROTECTION = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection";

const CONTENT = "VolumeSnapshotContent";

/** What keeps the storage's snapshot while the objects of the cluster come and go. */
function judgeContent(
  object: string,
  member: VolumeMember,
  { name, object: content, deletionPolicy }: LiveContent,
  { snapshots }: ClusterSnapshots,
  site: Site,
): Finding[] {
  const { finalizers = [], deletionTimestamp } = content.metadata;
  const snapshot = snapshots.get(`${member.namespace}/${member.snapshot}`);
  if (deletionTimestamp !== undefined || snapshot?.content !== name) {
    // Said by its presence.
    return [];
  }
  const { deletionPolicy: wanted } = site.snapshots;
  const uid = snapshot.object.metadata.uid;
  const bound = fieldText(content, "spec", "volumeSnapshotRef", "uid");
  const differs = (reason: string, change: FieldChange, command?: string): Finding =>
    found("differs", object, reason, [change], command);
  return [
    ...(deletionPolicy === wanted
      ? []
      : [
          differs(
            deletionPolicy === "Delete"
              ? "The storage's snapshot goes with the VolumeSnapshot, whoever deletes it, and with its namespace."
              : "The storage's snapshot stays when the VolumeSnapshot is deleted.",
            { path: `${CONTENT} spec.deletionPolicy`, from: deletionPolicy, to: wanted },
            `kubectl patch volumesnapshotcontent ${name} --type=merge -p '{"spec":{"deletionPolicy":"${wanted}"}}'`,
          ),
        ]),
    ...((finalizers as readonly string[]).includes(PROTECTION)
      ? []
      : [
          differs(
            "Nothing holds it while the VolumeSnapshot leads to it: the snapshot controller, which put it there, does not run, or somebody took it off.",
            { path: `${CONTENT} metadata.finalizers`, from: undefined, to: PROTECTION },
          ),
        ]),
    ...(bound === "" || bound === uid
      ? []
      : [
          differs(
            "The VolumeSnapshot was made anew by hand, and the content is bound to the one of before.",
            { path: `${CONTENT} spec.volumeSnapshotRef.uid`, from: bound, to: uid },
          ),
        ]),
  ];
}

/** Groups that members end with: without them no member is bound again. */
function judgeGroups(
  members: readonly VolumeMember[],
  { groups, groupContents }: ClusterSnapshots,
): Finding[] {
  const there = new Set(groups.map(fullName));
  const handles = new Set(groupContents.map(groupHandleOf));
  const taken = new Map(
    members.flatMap(({ namespace, group, groupHandle }) =>
      group === undefined ? [] : [[`${namespace}/${group}`, groupHandle] as const],
    ),
  );
  return [...taken].flatMap(([name, handle]) => [
    ...judged(
      `VolumeGroupSnapshot ${name}`,
      there.has(name)
        ? []
        : [
            found(
              "missing",
              `VolumeGroupSnapshot ${name}`,
              "Its members are there one by one, and nothing says any more that they are of one moment.",
            ),
          ],
    ),
    ...(handle === undefined || handles.has(handle)
      ? []
      : [
          found(
            "missing",
            `content of VolumeGroupSnapshot ${name}`,
            `No VolumeGroupSnapshotContent has the handle ${handle}: members that lose their binding are not bound again.`,
          ),
        ]),
  ]);
}
