import { deepEqual, equal, match, notEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { emptyRecord, type ClaimLineage, type PointRecord } from "../../../planning/pointRecord";
import { planRollback } from "../../../restorepoint/rollback/plan";
import type { RollbackWorld } from "../../../restorepoint/rollback/types";
import type { ReleaseObjects } from "../../../restorepoint/release/types";
import { volumeMember } from "../../support/points";
import { labSite } from "../verify/takeRestorePoint";

const DRIVER = "lab.csi.atom.example";
const namespace = "atom";
const member = { ...volumeMember("third", "data-db-0"), bytes: 1024 };
const site = labSite();

function object(
  kind: string,
  name: string,
  fields: Readonly<Record<string, unknown>> = {},
  metadata: object = {},
): ClusterObject {
  const apiVersion = ["StatefulSet", "DaemonSet"].includes(kind) ? "apps/v1" : "v1";
  return {
    apiVersion,
    kind,
    ...fields,
    metadata: { namespace, name, uid: `uid-${name}`, ...metadata },
  };
}

const lineage: ClaimLineage = {
  namespace,
  claim: member.claim,
  uid: member.uid,
  at: "2026-11-20T10:00:00Z",
  volume: "pvc-1",
  volumeHandle: "vol-1",
  driver: DRIVER,
  className: "atom-replicated",
  parameters: {},
  capacity: "1Ki",
  accessModes: ["ReadWriteOnce"],
  volumeMode: "Filesystem",
};

const record: PointRecord = {
  ...emptyRecord({
    name: "third",
    stack: site.stack,
    release: "24.2.0",
    state: "ready",
    consistency: "crash",
    expires: "2026-12-01T00:00:00Z",
    volumes: [],
  }),
  takenAt: "2026-11-20T10:00:00Z",
  members: [member],
  lineage: [lineage],
  objects: { digest: "d", parts: 1, secrets: 0 },
  verifications: [
    { member: "volume atom/data-db-0", result: "proven", at: "2026-11-20T11:00:00Z", seconds: 240 },
  ],
};

const set = (image: string, spec: object = {}): ClusterObject =>
  object("StatefulSet", "db", {
    spec: { replicas: 2, template: { spec: { containers: [{ name: "db", image }] } }, ...spec },
  });

function release(
  objects: readonly ClusterObject[],
  changes: Partial<ReleaseObjects> = {},
): ReleaseObjects {
  return {
    version: 1,
    namespaces: [namespace],
    helm: [],
    objects: objects.map((one) => ({ object: one })),
    secrets: [],
    images: [],
    unknown: [],
    ...changes,
  };
}

const claim = object(
  "PersistentVolumeClaim",
  member.claim,
  { spec: { volumeName: "pvc-1" } },
  { uid: member.uid },
);
const volume: ClusterObject = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "pvc-1" },
  spec: { capacity: { storage: "1Ki" }, persistentVolumeReclaimPolicy: "Delete" },
};
const pod = (owner: object | undefined, name = "db-0"): ClusterObject =>
  object(
    "Pod",
    name,
    { spec: { volumes: [{ persistentVolumeClaim: { claimName: member.claim } }] } },
    owner === undefined ? {} : { ownerReferences: [owner] },
  );
const ofSet = { kind: "StatefulSet", name: "db", controller: true };
const node = (name: string, status = "True"): ClusterObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { conditions: [{ type: "Ready", status }] },
});
const storageClass: ClusterObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "atom-replicated" },
  provisioner: DRIVER,
};
const content = {
  object: { apiVersion: "", kind: "", metadata: { name: member.content } },
  name: member.content,
  handle: member.handle,
  snapshot: `${namespace}/${member.snapshot}`,
  deletionPolicy: "Retain",
  ready: true,
  error: undefined,
  errorAt: undefined,
  answered: true,
  called: false,
};

function world(changes: Partial<RollbackWorld> = {}): RollbackWorld {
  return {
    site,
    direction: "back",
    degraded: false,
    now: new Date("2026-11-20T12:00:00Z"),
    record,
    points: [record],
    rollback: undefined,
    target: release([set("one")]),
    missingSecrets: [],
    live: release([set("two")]),
    volumes: new Map([["pvc-1", volume]]),
    pods: [pod(ofSet)],
    attachments: [],
    nodes: [node("atom-a-1")],
    capacities: [],
    stop: { workloads: [set("two")], claims: [claim], keepers: [] },
    sources: {
      site,
      point: record.name,
      lineage: record.lineage,
      classes: [storageClass],
      snapshotClassIsThere: true,
      contents: [content],
    },
    unbound: [],
    bindable: [],
    ...changes,
  };
}

const attached = (nodeName: string): ClusterObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttachment",
  metadata: { name: "a" },
  spec: { nodeName, source: { persistentVolumeName: "pvc-1" } },
});

const capacity = (bytes: string): ClusterObject => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "CSIStorageCapacity",
  metadata: { name: "c" },
  storageClassName: "atom-replicated",
  capacity: bytes,
});

const withStop = (changes: Partial<RollbackWorld["stop"]>): Partial<RollbackWorld> => ({
  stop: { ...world().stop, ...changes },
});

describe("the plan of a rollback", () => {
  it("says what stops, returns and is given up, and how long it takes", () => {
    const plan = planRollback(world());
    deepEqual(plan.refusals, []);
    deepEqual(plan.warnings, ["The driver does not say how much is free."]);
    deepEqual(plan.stops, ["StatefulSet atom/db from 2 to 0"]);
    deepEqual(plan.images, ["StatefulSet atom/db db: one"]);
    equal(plan.givenUpSeconds, 7200);
    equal(plan.neededBytes, 1024 * site.replicationFactor);
    equal(plan.restoreMinutes, 1);
    equal(plan.stopMinutes, undefined);
    deepEqual(
      plan.claims.map(({ from, to }) => [from, to]),
      [["pvc-1", undefined]],
    );
  });

  it("has the same digest for the same steps, and another for others", () => {
    const { digest } = planRollback(world());
    equal(planRollback(world({ now: new Date("2026-11-20T13:00:00Z") })).digest, digest);
    notEqual(planRollback(world(withStop({ workloads: [] }))).digest, digest);
  });

  const refused: readonly (readonly [string, Partial<RollbackWorld>, RegExp])[] = [
    ["a bare pod", { pods: [pod(undefined)] }, /Pod atom\/db-0 of Pod\/db-0 holds data-db-0/],
    [
      "a pod of a DaemonSet",
      { pods: [pod({ kind: "DaemonSet", name: "agent", controller: true })] },
      /of DaemonSet\/agent holds data-db-0/,
    ],
    [
      "a volume on a node that is gone",
      { attachments: [attached("atom-z-9")] },
      /pvc-1 is attached to node atom-z-9/,
    ],
    [
      "a node that is down",
      { nodes: [node("atom-a-1", "Unknown")] },
      /Nodes are down: atom-a-1.*--degraded/,
    ],
    ["too little room", { capacities: [capacity("2047")] }, /need 2048 bytes .* has 2047/],
    [
      "a snapshot that is lost",
      {
        record: {
          ...record,
          members: [{ ...member, lost: { at: "2026-11-20T11:00:00Z", why: "gone" } }],
        } as unknown as RollbackWorld["record"],
      },
      /Snapshots are lost: atom\/data-db-0/,
    ],
    [
      "a claim that is being deleted",
      withStop({
        claims: [
          object(
            "PersistentVolumeClaim",
            member.claim,
            {},
            { deletionTimestamp: "2026-11-20T11:00:00Z" },
          ),
        ],
      }),
      /data-db-0 is being deleted/,
    ],
    [
      "an operator",
      withStop({
        workloads: [
          object(
            "StatefulSet",
            "db",
            { spec: { replicas: 1 } },
            { ownerReferences: [{ kind: "Postgresql", name: "inventory", controller: true }] },
          ),
        ],
      }),
      /the operator of Postgresql inventory/,
    ],
    [
      "a class that is gone",
      { sources: { ...world().sources, classes: [] } },
      /no StorageClass atom-replicated/,
    ],
    [
      "objects that were never stored",
      { record: { ...record, objects: undefined } as unknown as PointRecord },
      /never stored for third/,
    ],
    ["a point that has ended", { record: { ...record, state: "expired" } }, /third is expired/],
    [
      "a StatefulSet that takes its claims with it",
      {
        target: release([set("one", { serviceName: "old" })]),
        live: release([
          set("one", {
            serviceName: "new",
            persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
          }),
        ]),
      },
      /StatefulSet atom\/db cannot be changed in place/,
    ],
    [
      "a Secret that is gone with its copy",
      { missingSecrets: ["atom/password"] },
      /Secret atom\/password is gone/,
    ],
  ];

  for (const [what, changes, text] of refused) {
    it(`refuses ${what}`, () => match(planRollback(world(changes)).refusals.join("\n"), text));
  }

  const told: readonly (readonly [string, Partial<RollbackWorld>, RegExp])[] = [
    ["a snapshot that nothing leads to", { unbound: [member] }, /asked for them by their handles/],
    [
      "a claim that somebody made anew",
      withStop({ claims: [object("PersistentVolumeClaim", member.claim)] }),
      /Made anew since/,
    ],
    [
      "claims of others",
      withStop({ claims: [claim, object("PersistentVolumeClaim", "other")] }),
      /Not held by the point.*atom\/other/,
    ],
    [
      "nodes that are down, of a degraded one",
      { degraded: true, nodes: [node("atom-a-1", "Unknown")] },
      /Nodes are down: atom-a-1/,
    ],
    [
      "a pod that does not end",
      {
        pods: [
          object(
            "Pod",
            "db-0",
            {},
            { deletionTimestamp: "2026-11-20T11:00:00Z", ownerReferences: [ofSet] },
          ),
        ],
      },
      /may not end by itself/,
    ],
    [
      "a point that is not proven",
      { record: { ...record, verifications: [] } },
      /third is not proven/,
    ],
    [
      "a volume that grew since",
      { volumes: new Map([["pvc-1", { ...volume, spec: { capacity: { storage: "2Ki" } } }]]) },
      /atom\/data-db-0 has 2Ki now and gets 1Ki back/,
    ],
  ];

  for (const [what, changes, text] of told) {
    it(`tells ${what}, and goes on`, () => {
      const { refusals, warnings } = planRollback(world(changes));
      deepEqual(refusals, []);
      match(warnings.join("\n"), text);
    });
  }

  it("takes a claim that is gone, and one that an earlier rollback made anew", () => {
    const gone = planRollback(world(withStop({ claims: [] })));
    deepEqual([gone.refusals, gone.claims.map(({ from }) => from)], [[], [undefined]]);
    const anew = object(
      "PersistentVolumeClaim",
      member.claim,
      { spec: { volumeName: "pvc-1" } },
      { uid: "new" },
    );
    const older = { ...record, name: "older", lineage: [{ ...lineage, uid: "new" }] };
    const { warnings } = planRollback(
      world({ ...withStop({ claims: [anew] }), points: [record, older] }),
    );
    deepEqual(warnings, ["The driver does not say how much is free."]);
  });

  it("restores to the snapshot's own size where the driver takes no other", () => {
    const equalSize = { ...site, backend: "longhorn" as const };
    const sources = {
      ...world().sources,
      site: equalSize,
      classes: [{ ...storageClass, provisioner: "driver.longhorn.io" }],
      lineage: [{ ...lineage, driver: "driver.longhorn.io", capacity: "4Ki" }],
    };
    const plan = planRollback(world({ site: equalSize, sources }));
    deepEqual([plan.refusals, plan.neededBytes], [[], 1024 * site.replicationFactor]);
  });

  it("refuses where the driver restores no more copies than there were, until the factor is that of then", () => {
    const mayastor = { ...site, backend: "mayastor" as const };
    const refusals = (repl: string): readonly string[] => {
      const driver = "io.openebs.csi-mayastor";
      const sources = {
        ...world().sources,
        site: mayastor,
        classes: [{ ...storageClass, provisioner: driver, parameters: { repl } }],
        lineage: [{ ...lineage, driver, parameters: { repl: "2" } }],
      };
      return planRollback(world({ site: mayastor, sources })).refusals;
    };
    match(refusals("3").join(), /repl was 2 and is 3 .*lower replicationFactor to 2/);
    deepEqual([refusals("2"), refusals("1")], [[], []]);
  });

  it("pauses GitOps and KEDA, and no others", () => {
    const keeper = object("ScaledObject", "queue", {
      spec: { scaleTargetRef: { kind: "StatefulSet", name: "db" } },
    });
    const plan = planRollback(world(withStop({ keepers: [keeper] })));
    deepEqual(plan.refusals, []);
    deepEqual(plan.steps.find(({ kind }) => kind === "pause")?.objects, [
      "ScaledObject atom/queue",
    ]);
  });

  it("undoes only what has its kept volumes", () => {
    const rollback = {
      at: "2026-11-20T11:00:00Z",
      who: "me",
      digest: "d",
      state: "done" as const,
      ended: "2026-11-20T11:30:00Z",
      claims: [
        {
          namespace,
          claim: member.claim,
          kept: { uid: member.uid, volume: "pvc-1", handle: "vol-1", policy: "Delete" },
          made: { volume: "pvc-2", handle: "vol-2" },
        },
      ],
      paused: [],
    };
    const plan = planRollback(world({ direction: "undo", rollback }));
    deepEqual([plan.refusals, plan.givenUpSeconds, plan.neededBytes], [[], 1800, 0]);
    deepEqual(
      plan.steps.map(({ kind }) => kind),
      ["retain", "pause", "stop", "swap", "objects", "start", "resume"],
    );
    const gone = planRollback(world({ direction: "undo", rollback, volumes: new Map() }));
    match(gone.refusals.join(), /Kept volumes are gone from the cluster: pvc-1/);
  });
});
