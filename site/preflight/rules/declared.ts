import { record, text } from "../../../drift/resources";
import { backendOf } from "../../../planning";
import { shortName } from "../../../planning/backends/options";
import type { BackendId } from "../../../planning/site";
import { finding } from "../finding";
import { breaches, objectOf, ofKind, parametersOf, type Declared, type Judge } from "./rule";

// What is declared, judged without any live system and without the stack file. Each takes all resources.

/** Parameters that name the number of copies, where a class does. */
const REPLICA_KEYS: Readonly<Partial<Record<BackendId, readonly string[]>>> = {
  lab: ["replicas"],
  linstor: ["placementCount", "autoPlace"],
  longhorn: ["numberOfReplicas"],
  mayastor: ["repl"],
  portworx: ["repl"],
};

/** The number of copies is said: LINSTOR and Mayastor keep one copy where it is not, without a word. */
export const judgeReplicaKey: Judge = (resources) =>
  ofKind(resources, "StorageClass").flatMap((one) => {
    const provisioner = text(one.inputs["provisioner"]);
    const [id, keys] =
      Object.entries(REPLICA_KEYS).find(
        ([backend]) => backendOf(backend as BackendId).provisioner({}) === provisioner,
      ) ?? [];
    const stated = Object.entries(parametersOf(one)).filter(([key]) =>
      keys?.includes(shortName(key)),
    );
    const values = [...new Set(stated.map(([, value]) => value))];
    const most = id === undefined ? 0 : backendOf(id as BackendId).limits.replicas;
    const [value] = values;
    const fits = typeof value === "string" && /^[1-9]\d*$/.test(value) && Number(value) <= most;
    const names = keys?.join(" or ") ?? "";
    return breaches("replica-key", one, [
      [provisioner === "", "it has no provisioner"],
      [
        keys !== undefined && values.length === 0,
        `${names} is not said, so that the driver's own default counts`,
      ],
      [values.length > 1, `${names} are said with different values: ${values.join(", ")}`],
      [
        values.length === 1 && !fits,
        `${names} is ${JSON.stringify(value)}, and not a whole number from 1 to ${most} as text`,
      ],
    ]);
  });

/** All parameters are texts: the API server refuses others, and a driver never sees them. */
export const judgeParameterTexts: Judge = (resources) =>
  resources.filter(isClass).flatMap((one) =>
    breaches(
      "parameters",
      one,
      Object.entries(parametersOf(one)).map(([key, value]) => [
        typeof value !== "string",
        `parameter ${key} is ${JSON.stringify(value)} and no text`,
      ]),
    ),
  );

/** The external provisioner refuses every claim of a class that says the file system twice. */
export const judgeFileSystemKey: Judge = (resources) =>
  ofKind(resources, "StorageClass").flatMap((one) => {
    const keys = Object.keys(parametersOf(one)).filter((key) =>
      ["fstype", "csi.storage.k8s.io/fstype"].includes(key.toLowerCase()),
    );
    return breaches("fs-type", one, [
      [keys.length > 1, `the file system is said by ${keys.join(" and ")}`],
    ]);
  });

/** A volume that is made before its pod is placed may be where the pod cannot go. */
export const judgeBindingMode: Judge = (resources) =>
  ofKind(resources, "StorageClass").flatMap((one) => {
    const { volumeBindingMode, allowedTopologies } = one.inputs;
    const confined = Array.isArray(allowedTopologies) && allowedTopologies.length > 0;
    if (volumeBindingMode === "WaitForFirstConsumer") {
      return [];
    }
    const told = "volumeBindingMode is Immediate: a volume is made before its pod has a node";
    return [
      finding("binding-mode", objectOf(one), [
        confined ? "error" : "warning",
        confined ? `${told}, and its topology may keep the pod from every node` : told,
      ]),
    ];
  });

/** A data volume outlives its claim, can grow, and its class is replaced and never changed in place. */
export const judgeKeepsData: Judge = (resources) =>
  ofKind(resources, "StorageClass").flatMap((one) =>
    breaches("reclaim-policy", one, [
      [
        one.inputs["reclaimPolicy"] !== "Retain",
        "reclaimPolicy is not Retain: the data goes with the claim",
      ],
      [
        one.inputs["allowVolumeExpansion"] !== true,
        "allowVolumeExpansion is not true: a volume that is full cannot grow",
      ],
      [
        !one.deleteBeforeReplace,
        "it is not deleted before it is replaced: its name is fixed, so that a change would fail half-way",
      ],
    ]),
  );

const DEFAULT_MARKS = {
  StorageClass: "storageclass.kubernetes.io/is-default-class",
  VolumeSnapshotClass: "snapshot.storage.kubernetes.io/is-default-class",
  VolumeGroupSnapshotClass: "groupsnapshot.storage.kubernetes.io/is-default-class",
} as const;

/** One default class of each kind, of snapshot classes for each driver. */
export const judgeOneDefault: Judge = (resources) =>
  Object.entries(DEFAULT_MARKS).flatMap(([kind, mark]) => {
    const first = new Map<string, Declared>();
    // The engine shows resources in no order.
    const byName = [...ofKind(resources, kind)].sort((one, other) =>
      objectOf(one) < objectOf(other) ? -1 : 1,
    );
    return byName.flatMap((one) => {
      const driver = text(one.inputs["driver"]);
      const annotations = record(record(one.inputs["metadata"])["annotations"]);
      if (annotations[mark] !== "true") {
        return [];
      }
      const other = first.get(driver);
      first.set(driver, other ?? one);
      return breaches("one-default", one, [
        [
          other !== undefined,
          `${other === undefined ? "" : objectOf(other)} is the default already`,
        ],
      ]);
    });
  });

/** A snapshot class is of the driver of a data class, and what it took stays when a namespace goes. */
export const judgeSnapshotClass: Judge = (resources) => {
  const provisioners = ofKind(resources, "StorageClass").map(({ inputs }) => inputs["provisioner"]);
  return [
    ...ofKind(resources, "VolumeSnapshotClass"),
    ...ofKind(resources, "VolumeGroupSnapshotClass"),
  ].flatMap((one) => {
    const { driver, deletionPolicy } = one.inputs;
    const keys = Object.keys(parametersOf(one));
    const lacking = neededBy(text(driver)).filter((key) => !keys.includes(key));
    return breaches("snapshot-class", one, [
      [
        provisioners.length > 0 && !provisioners.includes(driver ?? null),
        `its driver ${text(driver)} makes the volumes of no declared class`,
      ],
      [
        deletionPolicy !== "Retain",
        "deletionPolicy is not Retain: the snapshot in the storage goes with the VolumeSnapshot and its namespace",
      ],
      [lacking.length > 0, `its parameters lack ${lacking.join(", ")}`],
    ]);
  });
};

/** Parameters without which a driver takes something else, or nothing. */
function neededBy(driver: string): readonly string[] {
  const secret = "csi.storage.k8s.io/snapshotter-secret-";
  if (driver === "driver.longhorn.io") {
    return ["type"];
  }
  return /\.(rbd|cephfs)\.csi\.ceph\.com$/.test(driver)
    ? ["clusterID", `${secret}name`, `${secret}namespace`]
    : [];
}

const DEGRADED = "allow-volume-creation-with-degraded-availability";

/** By itself Longhorn binds a volume that has not all its copies. */
export const judgeDegraded: Judge = (resources) => {
  const isOff = resources.some(
    ({ inputs }) =>
      inputs["kind"] === "Setting" &&
      record(inputs["metadata"])["name"] === DEGRADED &&
      inputs["value"] === "false",
  );
  return ofKind(resources, "StorageClass").flatMap((one) =>
    breaches("whole-volumes", one, [
      [
        one.inputs["provisioner"] === "driver.longhorn.io" && !isOff,
        `nothing declares Longhorn's setting ${DEGRADED} as false`,
      ],
    ]),
  );
};

function isClass({ inputs }: Declared): boolean {
  return Object.keys(DEFAULT_MARKS).includes(text(inputs["kind"]));
}
