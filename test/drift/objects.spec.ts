import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

import { driftContext } from "../../drift/context";
import { judgeObject } from "../../drift/objects";
import type { Finding, LiveState } from "../../drift/types";
import type { Registration } from "../../engine/program/desiredState";
import type { StackResource } from "../../engine/stackState";
import {
  configMapPatch,
  defaultAnnotation,
  desiredOf,
  liveObject,
  liveOf,
  recorded,
  registration,
  snapshotClass,
  stateOf,
  storageClass,
} from "./fixtures";

function judge(
  declared: Registration,
  record: readonly StackResource[],
  live: LiveState,
  others: readonly Registration[] = [],
): Finding {
  const desired = desiredOf([declared, ...others]);
  return judgeObject(driftContext({ desired, state: stateOf(record), live, points: [] }), declared);
}

const declared = storageClass();
const raised = storageClass({
  parameters: { replicas: "3", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
});
const present = liveOf({ objects: [liveObject(declared)] });
const changed = (fields: Readonly<Record<string, unknown>>): LiveState =>
  liveOf({ objects: [liveObject(declared, fields)] });
const keeps = /volumes and claims that exist stay as they are/;

interface Case {
  readonly title: string;
  readonly declared?: Registration;
  readonly record?: readonly StackResource[];
  readonly live: LiveState;
  readonly kind: Finding["kind"];
  readonly blocked?: boolean;
  readonly state?: Finding["state"];
  readonly command?: string;
  /** `path: live -> declared`. */
  readonly changes?: readonly string[];
  /** What the reason has to hold. */
  readonly says: readonly RegExp[];
}

const cases: readonly Case[] = [
  { title: "as declared", live: present, kind: "same", says: [/^As declared\.$/] },
  {
    title: "declared and not there",
    record: [],
    live: liveOf({}),
    kind: "missing",
    says: [/declared and not there/],
  },
  {
    title: "deleted by hand, with what follows from it",
    live: liveOf({}),
    kind: "missing",
    says: [/deleted outside this program/, /claims that ask for it stay pending/],
  },
  {
    title: "renamed in the configuration",
    declared: storageClass({ metadata: { ...metadataOf(declared), name: "atom-new" } }),
    live: present,
    kind: "missing",
    says: [/declared and not there/],
  },
  {
    title: "a raised factor, which only a replacement brings",
    declared: raised,
    live: present,
    kind: "differs",
    changes: ['parameters.replicas: "2" -> "3"'],
    says: [/The configuration changed/, /can only be replaced/, keeps],
  },
  {
    title: "another reclaim policy, which only a replacement brings",
    declared: storageClass({ reclaimPolicy: "Delete" }),
    live: present,
    kind: "differs",
    changes: ['reclaimPolicy: "Retain" -> "Delete"'],
    says: [/can only be replaced/, keeps],
  },
  {
    title: "a parameter that was added by hand",
    live: changed({ parameters: { ...(declared.inputs["parameters"] as object), stray: "1" } }),
    kind: "differs",
    changes: ['parameters.stray: "1" -> none'],
    says: [/changed outside this program/, /can only be replaced/],
  },
  {
    title: "a mark that was changed by hand, which is changed back in place",
    live: changed({ metadata: { annotations: { [defaultAnnotation]: "false" } } }),
    kind: "differs",
    changes: [`metadata.annotations["${defaultAnnotation}"]: "false" -> "true"`],
    says: [/^It was changed outside this program\.$/],
  },
  {
    title: "a field that is not declared any more",
    declared: storageClass({ mountOptions: [] }),
    record: [recorded(storageClass({ mountOptions: ["discard"] }))],
    live: changed({ mountOptions: ["discard"] }),
    kind: "differs",
    changes: ['mountOptions: ["discard"] -> []'],
    says: [/^The configuration changed\.$/],
  },
  {
    title: "mount options and topologies that were added by hand",
    live: changed({
      mountOptions: ["noatime"],
      allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }],
    }),
    kind: "differs",
    changes: [
      'mountOptions: ["noatime"] -> none',
      'allowedTopologies: [{"matchLabelExpressions":[{"key":"zone","values":["a"]}]}] -> none',
    ],
    command:
      "kubectl patch storageclass atom-replicated --type=json -p " +
      `'[{"op":"remove","path":"/mountOptions"},{"op":"remove","path":"/allowedTopologies"}]'`,
    says: [/^It was changed outside this program\.$/],
  },
  {
    title: "ours and missing in the state",
    record: [],
    live: present,
    kind: "same",
    state: "import",
    says: [/carries our mark/, /state lacks it/],
  },
  {
    title: "ours, missing in the state and different: imported as it is first",
    record: [],
    live: changed({ allowVolumeExpansion: false }),
    kind: "differs",
    blocked: true,
    command: "./atom adopt",
    changes: ["allowVolumeExpansion: false -> true"],
    says: [/imported as it is first/],
  },
  {
    title: "somebody else's",
    record: [],
    live: changed({ metadata: { labels: {} } }),
    kind: "foreign",
    blocked: true,
    command: "./atom adopt",
    says: [/app\.kubernetes\.io\/managed-by=atom-backup/, /atom-backup\/stack=lab/],
  },
  {
    title: "being deleted",
    live: changed({ metadata: { deletionTimestamp: "2026-11-23T10:00:00Z" } }),
    kind: "differs",
    blocked: true,
    says: [/2026-11-23T10:00:00Z/, /finalizers/],
  },
  {
    title: "in a cluster that does not answer",
    live: { ...present, cluster: { state: "unknown", why: "It is silent." } },
    kind: "unknown",
    says: [/^It is silent\.$/],
  },
  {
    title: "in a cluster that was not read",
    live: { ...present, cluster: { state: "notNeeded" } },
    kind: "unknown",
    says: [/was not read/],
  },
  {
    title: "of a kind that may not be listed",
    live: liveOf({ unreadKinds: { "storage.k8s.io/v1|StorageClass": "forbidden" } }),
    kind: "unknown",
    says: [/^forbidden$/],
  },
];

describe("what is said of a Kubernetes object", () => {
  for (const { title, live, says, ...rest } of cases) {
    it(title, () => {
      const one = rest.declared ?? declared;
      const found = judge(one, rest.record ?? [recorded(declared)], live);
      deepStrictEqual(
        [found.kind, found.blocked ?? false, found.state, found.command],
        [rest.kind, rest.blocked ?? false, rest.state, rest.command],
      );
      deepStrictEqual(found.changes.map(shown), rest.changes ?? []);
      for (const words of says) {
        ok(words.test(found.reason), `${found.reason} lacks ${words.source}`);
      }
      const name = one === declared ? "atom-replicated" : metadataOf(one)["name"];
      deepStrictEqual([found.object, found.id], [`StorageClass ${String(name)}`, name]);
    });
  }

  it("does not mind what the API server puts in or others add", () => {
    const short = registration("kubernetes:storage.k8s.io/v1:StorageClass", "s", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "s" },
      provisioner: "p",
      parameters: {},
    });
    const live = liveObject(short, {
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      metadata: { labels: { other: "x" }, annotations: { note: "y" } },
    });
    strictEqual(judge(short, [recorded(short)], liveOf({ objects: [live] })).kind, "same");
  });

  it("is blocked where its CRD is missing, unless the program brings it", () => {
    const live = liveOf({
      absentKinds: ["snapshot.storage.k8s.io/v1|VolumeSnapshotClass"],
    });
    const blocked = judge(snapshotClass(), [], live);
    deepStrictEqual([blocked.kind, blocked.blocked], ["missing", true]);
    ok(/VolumeSnapshotClass of snapshot\.storage\.k8s\.io\/v1/.test(blocked.reason));
    const crd = registration("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "c", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "volumesnapshotclasses.snapshot.storage.k8s.io" },
      spec: { group: "snapshot.storage.k8s.io", names: { kind: "VolumeSnapshotClass" } },
    });
    const brought = judge(snapshotClass(), [], live, [crd]);
    deepStrictEqual([brought.kind, brought.blocked], ["missing", undefined]);
  });

  it("names the stack in its command where it is not the lab", () => {
    const desired = { ...desiredOf([declared]), stack: "oslo" };
    const live = changed({ metadata: { labels: {} } });
    const context = driftContext({ desired, state: stateOf([]), live, points: [] });
    strictEqual(judgeObject(context, declared).command, "./atom adopt --stack oslo");
  });
});

describe("what is said of fields of somebody else's object", () => {
  const patch = configMapPatch();
  const theirs = (data: object): LiveState =>
    liveOf({
      objects: [
        liveObject(patch, { data, metadata: { annotations: {}, labels: { owner: "them" } } }),
      ],
    });

  it("differs until they are set, whoever owns the object", () => {
    const found = judge(patch, [], theirs({ mode: "off", other: "1" }));
    deepStrictEqual(
      [found.kind, found.object, found.blocked, found.changes.map(shown)],
      ["differs", "fields of ConfigMap default/settings", undefined, ['data.mode: "off" -> "on"']],
    );
  });

  it("is as declared once they are set", () => {
    strictEqual(judge(patch, [recorded(patch)], theirs({ mode: "on", other: "1" })).kind, "same");
  });

  it("is blocked where there is no such object", () => {
    const found = judge(patch, [], liveOf({}));
    deepStrictEqual([found.kind, found.blocked], ["missing", true]);
    ok(/ConfigMap default\/settings/.test(found.reason));
  });
});

function metadataOf({ inputs }: Registration): Readonly<Record<string, string>> {
  return inputs["metadata"] as Readonly<Record<string, string>>;
}

function shown({ path, from, to }: Finding["changes"][number]): string {
  const show = (value: unknown): string => (value === undefined ? "none" : JSON.stringify(value));
  return `${path}: ${show(from)} -> ${show(to)}`;
}
