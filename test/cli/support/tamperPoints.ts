import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { ClusterObject, ObjectReference } from "../../../clients/kubernetes/object";
import { volumeMembers } from "../../../planning/pointMembers";
import type { VolumeMember } from "../../../planning/pointRecord";
import { takeByHand } from "../../support/labSystems";
import { still } from "./faultMakers";
import type { PointLab } from "./pointLab";
import { changed, changedStatus, gone, plain, setStatus, there } from "./tamper";
import type { TamperLab, Tampering, Undo } from "./tamper";

const SNAPSHOTS = "snapshot.storage.k8s.io/v1";
const GROUPS = "groupsnapshot.storage.k8s.io/v1";

/** The point, taken by group, that the rows below tamper with. */
export const HELD = "held";

const VOLUME = `volume atom/data-inventory-0 of restore point ${HELD}`;
const CONTROLLERS = ["snapshot-controller", "csi-snapshotter"];

/** Holds still what would mend objects by itself, or wait for it. @returns how it goes on */
export function holdControllers(points: PointLab): Undo {
  const mends = CONTROLLERS.map((service) => still(service)(points));
  return () => Promise.all(mends.map((mend) => mend()));
}

function pointsOf({ points }: TamperLab): PointLab {
  if (points === undefined) {
    throw new Error("the lab has no data plane");
  }
  return points;
}

async function memberOf(lab: TamperLab): Promise<VolumeMember> {
  const record = await pointsOf(lab).point(HELD);
  const member = record && volumeMembers(record).find(({ claim }) => claim === "data-inventory-0");
  if (member === undefined) {
    throw new Error("the point does not hold the volume");
  }
  return member;
}

const contentOf = ({ content: name }: VolumeMember): ObjectReference => ({
  apiVersion: SNAPSHOTS,
  kind: "VolumeSnapshotContent",
  name,
});
const snapshotOf = ({ namespace, snapshot: name }: VolumeMember): ObjectReference => ({
  apiVersion: SNAPSHOTS,
  kind: "VolumeSnapshot",
  namespace,
  name,
});

const onContent =
  (change: (live: ClusterObject) => object): Tampering["make"] =>
  async (lab) =>
    changed(contentOf(await memberOf(lab)), change)(lab);

const spec = (change: object) => (live: ClusterObject) => ({
  spec: { ...(live["spec"] as object), ...change },
});

const restated =
  (of: typeof contentOf | typeof snapshotOf, change: object): Tampering["make"] =>
  async (lab) =>
    changedStatus(of(await memberOf(lab)), () => change)(lab);

/** Takes an object away, held by its finalizers or not, and brings it back with what its driver said. */
const lost =
  (find: (lab: TamperLab) => Promise<ObjectReference>, how: "gone" | "going"): Tampering["make"] =>
  async (lab) => {
    const { cluster } = lab;
    const reference = await find(lab);
    const before = await there(cluster, reference);
    await (how === "gone" ? gone(cluster, reference) : cluster.delete(reference, undefined));
    return async () => {
      await gone(cluster, reference);
      await cluster.create(plain(before), "test");
      if (before["status"] !== undefined) {
        await setStatus(lab, before, before["status"]);
      }
    };
  };

async function groupContent({ cluster }: TamperLab): Promise<ObjectReference> {
  const kind = "VolumeGroupSnapshotContent";
  const [one] = await cluster.list(GROUPS, kind);
  return { apiVersion: GROUPS, kind, name: one?.metadata.name ?? "" };
}

/** Changes the file of the point's record off the cluster. @param change undefined: it goes */
const copied =
  (change?: (text: string) => string): Tampering["make"] =>
  (lab) => {
    const file = join(lab.root, ".pulumi-state", "catalog", "lab", `${HELD}.json`);
    const before = readFileSync(file, "utf8");
    if (change === undefined) {
      rmSync(file);
    } else {
      writeFileSync(file, change(before));
    }
    return Promise.resolve(() => Promise.resolve(writeFileSync(file, before)));
  };

const record: ObjectReference = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "atom-backup",
  name: `restore-point-${HELD}`,
};

/** Commands on points need what is held still. */
async function awake<T>(lab: TamperLab, work: (points: PointLab) => Promise<T>): Promise<T> {
  const points = pointsOf(lab);
  CONTROLLERS.forEach((service) => void still(service)(points)());
  try {
    return await work(points);
  } finally {
    holdControllers(points);
  }
}

const expires = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, "");

/** A point of its own that is there until the end. */
async function take(lab: TamperLab, name: string, ...options: readonly string[]): Promise<void> {
  await awake(lab, (points) =>
    points.done(["restore-point", "create", name, "--consistency", "crash", ...options]),
  );
}

const ended = (lab: TamperLab, name: string): Promise<unknown> =>
  awake(lab, async (points) => {
    // Writes down what is lost, so that the rest can go.
    await points.done(["up"]);
    await points.done(["restore-point", "expire", name]);
  });

/** The newest point does not end before it is proven. */
const NEWEST = "newest";

/** A point with the snapshot of a VM, which is then done something to. @param then what mends that, if anything does */
const withVm =
  (name: string, then: (lab: TamperLab) => Promise<Undo | void>): Tampering["make"] =>
  async (lab) => {
    await take(lab, name, "--virtual-machines", "atom-a-1");
    await take(lab, NEWEST, "--virtual-machines", "none");
    const undo = await then(lab);
    return async () => {
      await undo?.();
      await ended(lab, name);
      await awake(lab, (points) => points.remove(NEWEST));
      const left = (await lab.vcenter.vms()).flatMap(({ snapshots }) => snapshots);
      for (const { reference } of left) {
        await lab.vcenter.removeSnapshot(reference, { timeoutMs: 60_000 });
      }
    };
  };

async function removeOurs({ vcenter }: TamperLab, name: string): Promise<void> {
  const ours = (await vcenter.vms())
    .flatMap(({ snapshots }) => snapshots)
    .find((one) => one.name === `atom.lab.${name}`);
  await vcenter.removeSnapshot(ours?.reference ?? "", { timeoutMs: 60_000 });
}

/** What is done to restore points, on a lab with a data plane whose controllers are held still. */
export const POINT_TAMPERINGS: readonly Tampering[] = [
  {
    title: "a content that goes with its snapshot",
    make: onContent(spec({ deletionPolicy: "Delete" })),
    finds: [`differs ${VOLUME} | VolumeSnapshotContent spec.deletionPolicy`],
  },
  {
    title: "a content without its finalizer",
    make: onContent(({ metadata }) => ({ metadata: { ...metadata, finalizers: [] } })),
    finds: [`differs ${VOLUME} | VolumeSnapshotContent metadata.finalizers`],
  },
  {
    title: "a content that is not ready",
    make: restated(contentOf, { readyToUse: false }),
    finds: [`differs ${VOLUME}`],
  },
  {
    title: "a content that is not ready and in error",
    make: restated(contentOf, {
      readyToUse: false,
      error: { message: "pool lost", time: "2026-11-28T12:00:00Z" },
    }),
    finds: [`differs ${VOLUME}`],
  },
  {
    title: "a content that is ready and still has the error of before",
    make: restated(contentOf, { error: { message: "busy", time: "2026-11-28T12:00:00Z" } }),
    finds: [],
  },
  {
    title: "a snapshot that leads to another content",
    make: restated(snapshotOf, { boundVolumeSnapshotContentName: "theirs" }),
    finds: [`missing ${VOLUME}`],
  },
  {
    title: "a snapshot that is gone",
    make: async (lab) => {
      const member = await memberOf(lab);
      const content = await there(lab.cluster, contentOf(member));
      const undo = await lost(() => Promise.resolve(snapshotOf(member)), "gone")(lab);
      return async () => {
        await undo();
        const { uid } = (await there(lab.cluster, snapshotOf(member))).metadata;
        const { volumeSnapshotRef } = content["spec"] as { readonly volumeSnapshotRef: object };
        await lab.cluster.modify(contentOf(member), "test", (live) => ({
          ...live,
          ...spec({ volumeSnapshotRef: { ...volumeSnapshotRef, uid } })(live),
        }));
      };
    },
    finds: [`missing ${VOLUME}`],
  },
  {
    title: "a content that is bound to a snapshot of before",
    make: onContent((live) => {
      const { volumeSnapshotRef } = live["spec"] as { readonly volumeSnapshotRef: object };
      return spec({ volumeSnapshotRef: { ...volumeSnapshotRef, uid: "of-before" } })(live);
    }),
    finds: [`differs ${VOLUME} | VolumeSnapshotContent spec.volumeSnapshotRef.uid`],
  },
  {
    title: "a content that is gone",
    make: lost(async (lab) => contentOf(await memberOf(lab)), "gone"),
    finds: [`missing ${VOLUME}`],
  },
  {
    title: "a content that is being deleted",
    make: lost(async (lab) => contentOf(await memberOf(lab)), "going"),
    finds: [`differs ${VOLUME}`],
  },
  {
    title: "a group whose content is gone",
    make: lost(groupContent, "gone"),
    finds: [`missing content of VolumeGroupSnapshot atom/${HELD}`],
  },
  {
    title: "a record that is gone from the cluster",
    make: lost(() => Promise.resolve(record), "gone"),
    finds: [`differs restore point ${HELD}`],
  },
  {
    title: "a record that somebody wrote into, in the cluster",
    make: changed(record, ({ data }) => ({
      data: Object.fromEntries(
        Object.entries(data as Record<string, string>).map(([key, text]) => [
          key,
          text.replace("crash", "stopped"),
        ]),
      ),
    })),
    finds: [`differs restore point ${HELD}`],
  },
  {
    title: "a record that is gone off the cluster",
    make: copied(),
    finds: [`differs restore point ${HELD}`],
  },
  {
    title: "a record that somebody wrote into, off the cluster",
    make: copied((text) => text.replace("crash", "stopped")),
    finds: [`differs restore point ${HELD}`],
  },
  {
    title: "a group that is deleted, and with it its members",
    make: async (lab) => {
      const { cluster } = lab;
      pointsOf(lab).group("auto");
      await take(lab, "grouped", "--virtual-machines", "none");
      pointsOf(lab).group("never");
      const kind = "VolumeGroupSnapshot";
      await gone(cluster, { apiVersion: GROUPS, kind, namespace: "atom", name: "grouped" });
      const isGoing = async (): Promise<boolean> =>
        (await cluster.list(SNAPSHOTS, "VolumeSnapshot"))
          .filter(({ metadata }) => metadata.name.includes("grouped"))
          .every(({ metadata }) => metadata.deletionTimestamp !== undefined);
      while (!(await isGoing())) {
        await pause(200);
      }
      return () => awake(lab, (points) => points.remove("grouped"));
    },
    finds: [
      "differs volume atom/data-inventory-0 of restore point grouped",
      "differs volume atom/data-inventory-1 of restore point grouped",
      "missing VolumeGroupSnapshot atom/grouped",
    ],
  },
  {
    title: "a point whose taking was killed",
    make: async (lab) => {
      await awake(lab, (points) => points.createAndKill("broken", { consistency: "crash" }, 12, 0));
      return () => awake(lab, (points) => points.remove("broken"));
    },
    finds: ["differs restore point broken"],
  },
  {
    title: "a point that should have ended",
    make: async (lab) => {
      const end = Date.now() + 60_000;
      await take(lab, "brief", "--virtual-machines", "none", "--expires", expires(60));
      await take(lab, NEWEST, "--virtual-machines", "none");
      await pause(Math.max(0, end - Date.now()) + 1_000);
      return () =>
        awake(lab, async (points) => {
          await points.remove("brief");
          await points.remove(NEWEST);
        });
    },
    finds: ["differs restore point brief"],
  },
  {
    title: "a VM snapshot that is gone",
    make: withVm("alone", (lab) => removeOurs(lab, "alone")),
    finds: ["lost VM snapshot atom.lab.alone of atom-a-1"],
  },
  {
    title: "a VM snapshot that is gone while another stays",
    make: withVm("beside", async (lab) => {
      const vm = (await lab.vcenter.vms()).find(({ name }) => name === "atom-a-1");
      await takeByHand(lab.vcenter, vm?.reference ?? "", { name: "nightly" });
      await removeOurs(lab, "beside");
    }),
    finds: ["lost VM snapshot atom.lab.beside of atom-a-1"],
  },
  {
    title: "a point that has lost its VM snapshot, as `up` wrote down",
    make: withVm("less", async (lab) => {
      await removeOurs(lab, "less");
      await awake(lab, (points) => points.done(["up"]));
    }),
    finds: ["lost restore point less"],
  },
  {
    title: "a VM snapshot whose point's file is gone",
    make: withVm("filed", (lab) => {
      const file = pointsOf(lab).fileOf("filed");
      const text = readFileSync(file, "utf8");
      rmSync(file);
      return Promise.resolve(() => Promise.resolve(writeFileSync(file, text)));
    }),
    finds: ["undeclared VM snapshot atom.lab.filed of atom-a-1"],
  },
];
