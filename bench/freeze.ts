import { fieldText } from "../clients/kubernetes/object";
import { inParallel } from "../clients/parallel";
import { volumeMembers } from "../planning/pointMembers";
import { emptyRecord } from "../planning/pointRecord";
import type { PointLab } from "../test/cli/support/pointLab";
import {
  CLAIM_SPEC,
  IN_FLIGHT,
  NAMESPACE,
  onManyVolumes,
  untilAll,
  untilBound,
} from "./manyVolumes";

const PODS = 20;
const CLAIMS_PER_POD = 10;
const CLAIMS = Array.from({ length: PODS * CLAIMS_PER_POD }, (_, index) => `data-${index}`);
const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Points that were taken before. */
const EARLIER = 50;

/** Seconds between freeze and thaw of one restore point, beside the bare client's. */
export interface Freeze {
  readonly volumes: number;
  /** Points of as many volumes that were in the catalog before. */
  readonly earlier: number;
  readonly seconds: number;
  /** Times the seconds of a bare client that posts the same and waits for `creationTime`. */
  readonly ratio: number;
}

/** Takes frozen points of 200 volumes on a lab of its own, the second beside 50 earlier ones. */
export async function freeze(): Promise<readonly Freeze[]> {
  return onManyVolumes(makeVolumes, async (lab) => {
    const floor = await takeBare(lab);
    const alone = await takePoint(lab, "many");
    await recordEarlier(lab, "many");
    const beside = await takePoint(lab, "later");
    return [
      { volumes: CLAIMS.length, earlier: 0, seconds: alone, ratio: alone / floor },
      { volumes: CLAIMS.length, earlier: EARLIER, seconds: beside, ratio: beside / floor },
    ];
  });
}

async function recordEarlier(lab: PointLab, name: string): Promise<void> {
  const taken = await lab.point(name);
  if (taken === undefined) {
    throw new Error(`The catalog holds no point ${name}`);
  }
  for (let index = 0; index < EARLIER; index += 1) {
    const { journal: _, ...earlier } = { ...taken, name: `earlier-${index}` };
    const journal = await lab.catalog().open(emptyRecord(earlier), "restore-point create");
    await journal.note("complete", {}, (record) => ({ ...record, ...earlier }));
    await journal.close("done");
  }
}

/** @returns seconds between freeze and thaw of the point, which is taken frozen */
async function takePoint(lab: PointLab, name: string): Promise<number> {
  await lab.done([
    ...["restore-point", "create", name, "--release", "24.1"],
    ...["--consistency", "frozen", "--virtual-machines", "none"],
  ]);
  const point = await lab.point(name);
  const handles = new Set(volumeMembers(point ?? { members: [] }).map(({ handle }) => handle));
  const [hook] = point?.frozen ?? [];
  if (handles.size !== CLAIMS.length || hook?.thawedAt === undefined) {
    throw new Error(`${name} holds ${handles.size} of ${CLAIMS.length} volumes`);
  }
  return (Date.parse(hook.thawedAt) - Date.parse(hook.frozenAt)) / 1000;
}

/** Posts a VolumeSnapshot of each claim and waits for the creation time of each, and nothing else. */
async function takeBare(lab: PointLab): Promise<number> {
  const { cluster } = lab;
  const begin = performance.now();
  await inParallel(CLAIMS, IN_FLIGHT, async (claim) => {
    await cluster.create(
      {
        apiVersion: SNAPSHOT_API,
        kind: "VolumeSnapshot",
        metadata: { name: `bare-${claim}`, namespace: NAMESPACE },
        spec: {
          volumeSnapshotClassName: "atom-snapshots",
          source: { persistentVolumeClaimName: claim },
        },
      },
      "bench",
    );
  });
  await untilAll(lab, [SNAPSHOT_API, "VolumeSnapshot"], CLAIMS.length, (snapshot) =>
    Boolean(fieldText(snapshot, "status", "creationTime")),
  );
  return (performance.now() - begin) / 1000;
}

/** Claims, and pods that use ten each: a volume is made for its first consumer. */
async function makeVolumes(lab: PointLab): Promise<void> {
  const { cluster } = lab;
  await inParallel(CLAIMS, IN_FLIGHT, async (name) => {
    await cluster.create(
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name, namespace: NAMESPACE },
        spec: CLAIM_SPEC,
      },
      "bench",
    );
  });
  for (let pod = 0; pod < PODS; pod += 1) {
    const claims = CLAIMS.slice(pod * CLAIMS_PER_POD, (pod + 1) * CLAIMS_PER_POD);
    await cluster.create(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `user-${pod}`, namespace: NAMESPACE },
        spec: {
          containers: [
            {
              name: "idle",
              image: "lab.example/shell:1",
              volumeMounts: claims.map((name) => ({ name, mountPath: `/volumes/${name}` })),
            },
          ],
          volumes: claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
        },
      },
      "bench",
    );
  }
  await untilBound(lab, CLAIMS.length);
}
