import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineConfiguration } from "../config/engineConfiguration";
import { parseSite } from "../config/parseSite";
import { gatherPoints } from "../config/pointFile";
import { projectRoot } from "../config/projectRoot";
import { readConfiguration } from "../config/readConfiguration";
import { collect } from "../engine/program/collect";
import type { DesiredState, Registration } from "../engine/program/desiredState";
import { planSteps } from "../drift/plan";
import { objectId, referenceFrom } from "../drift/resources";
import { entryOf } from "../drift/stateEntry";
import type { LiveObject, LiveState } from "../drift/types";
import { objectKey } from "../drift/types";
import { volumeMembers } from "../planning/pointMembers";
import type { RestorePointFile } from "../planning/site";
import { manyPoints, type Size } from "./manyPoints";

/** What a site of many points takes, each in milliseconds of the processor, and what comes out. */
export interface PointsMeasured {
  /** From the files to the frozen site. */
  readonly parse: number;
  /** The program, from its configuration to its registrations; it reads the files, too. */
  readonly collect: number;
  readonly plan: number;
  /** Of the whole serialized configuration. */
  readonly configurationBytes: number;
  readonly registered: number;
  /** Steps by kind. */
  readonly steps: Readonly<Record<string, number>>;
}

// A process of its own, since the SDK's state is that of a process: `node pointsOnce.js POINTS VOLUMES NODES`.
async function main([points, volumes, nodes]: readonly string[]): Promise<void> {
  const size = { points: Number(points), volumes: Number(volumes), nodes: Number(nodes) };
  const folder = mkdtempSync(join(tmpdir(), "atom-points-"));
  try {
    process.stdout.write(`${JSON.stringify(await measurePoints(size, folder))}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePoints(size: Size, folder: string): Promise<PointsMeasured> {
  const root = projectRoot();
  const { raw: lab } = readConfiguration("lab", { root });
  const values = manyPoints(lab.values, size, folder);
  const { result: site, milliseconds: parse } = await timed(() =>
    parseSite({ ...lab, values, points: gatherPoints(root, folder, "lab") }),
  );
  const { config, secretKeys } = engineConfiguration({ values });
  const collected = await timed(() => collect({ root, stack: "lab", values: config, secretKeys }));
  const desired = collected.result;
  const snapshots = desired.registrations.filter(({ type }) => type.endsWith(":VolumeSnapshot"));
  const question = {
    desired,
    deployed: {
      way: "lab" as const,
      resources: snapshots.map((one) => entryOf(one, objectId(referenceFrom(one.inputs)))),
    },
    live: liveOf(snapshots, site.restorePoints, desired),
    points: site.restorePoints,
  };
  const { result: steps, milliseconds: plan } = await timed(() => planSteps(question));
  const kinds: Record<string, number> = {};
  for (const { kind } of steps) {
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return {
    parse,
    collect: collected.milliseconds,
    plan,
    configurationBytes: Buffer.byteLength(JSON.stringify(config)),
    registered: snapshots.length,
    steps: kinds,
  };
}

/** Time of the processor: what else the machine does is not counted. */
async function timed<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const begin = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(begin);
  return { result, milliseconds: (user + system) / 1000 };
}

/** A cluster in which all of it is there as it was cut. */
function liveOf(
  snapshots: readonly Registration[],
  points: readonly RestorePointFile[],
  { registrations }: DesiredState,
): LiveState {
  const members = new Map(
    points.flatMap((point) =>
      volumeMembers(point).map((one) => [`${one.namespace}/${one.snapshot}`, one] as const),
    ),
  );
  const objects = new Map<string, LiveObject>();
  const add = (object: LiveObject): void => {
    const { namespace, name } = object.metadata;
    objects.set(objectKey(object.apiVersion, object.kind, namespace, name), object);
  };
  for (const { inputs } of snapshots) {
    const { namespace = "", name } = referenceFrom(inputs);
    const member = members.get(`${namespace}/${name}`);
    if (member === undefined) {
      throw new Error(`${namespace}/${name} is of no point`);
    }
    add({
      ...(inputs as unknown as LiveObject),
      status: { readyToUse: true, boundVolumeSnapshotContentName: member.content },
    });
    add({
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotContent",
      metadata: { name: member.content },
      spec: { deletionPolicy: "Retain", volumeSnapshotRef: { namespace, name } },
      status: { readyToUse: true, snapshotHandle: member.handle },
    });
  }
  for (const { inputs, type } of registrations) {
    if (/Class$/.test(type)) {
      add(inputs as unknown as LiveObject);
    }
  }
  const none = { absentKinds: new Set<string>(), unreadKinds: new Map<string, string>() };
  return {
    cluster: { state: "read", value: { uid: "u", objects, ...none } },
    vcenter: { state: "read", value: { instanceUuid: "v", vms: [] } },
  };
}

if (require.main === module) {
  void main(process.argv.slice(2));
}
