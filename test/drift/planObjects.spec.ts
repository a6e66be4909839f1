import { deepStrictEqual } from "node:assert/strict";

import { planSteps } from "../../drift/plan";
import type { DeployedResource, LiveState, Step } from "../../drift/types";
import type { Registration } from "../../engine/program/desiredState";
import {
  configMapPatch,
  defaultAnnotation,
  deployedOf,
  desiredOf,
  liveObject,
  liveOf,
  recorded,
  registration,
  snapshotClass,
  storageClass,
} from "./fixtures";

/** What a person sees of a step. */
type Seen = Pick<Step, "kind" | "object" | "reason" | "command"> & {
  readonly changes: readonly string[];
};

function plan(
  declared: readonly Registration[],
  resources: readonly DeployedResource[],
  live: LiveState,
  way: "lab" | "pulumi" = "lab",
): Seen[] {
  const input = {
    desired: desiredOf(declared),
    deployed: deployedOf(resources, way),
    live,
    points: [],
  };
  return planSteps(input).map(({ kind, object, reason, command, changes }) => ({
    kind,
    object,
    reason,
    command,
    changes: changes.map(({ path, from, to }) => `${path}: ${show(from)} -> ${show(to)}`),
  }));
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

const object = "StorageClass atom-replicated";
const declared = storageClass();
const more = storageClass({
  parameters: { replicas: "3", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
});
const keeps =
  "volumes and claims that exist stay as they are, with what they were made with; only new volumes follow";

interface Case {
  readonly title: string;
  readonly declared?: Registration;
  readonly record?: readonly DeployedResource[];
  readonly live: LiveState;
  readonly way?: "lab" | "pulumi";
  readonly expected: Omit<Seen, "object" | "command" | "changes"> & Partial<Seen>;
}

const present = liveOf({ objects: [liveObject(declared)] });
const changed = (fields: Readonly<Record<string, unknown>>): LiveState =>
  liveOf({ objects: [liveObject(declared, fields)] });

const cases: readonly Case[] = [
  {
    title: "creates what is not there",
    live: liveOf({}),
    record: [],
    expected: { kind: "create", reason: "It is declared and not there." },
  },
  {
    title: "leaves alone what is as declared",
    live: present,
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "creates again what was deleted by hand",
    live: liveOf({}),
    expected: {
      kind: "create",
      reason:
        "It was deleted outside this program; until it is there again, claims that ask for it stay pending; volumes " +
        "that exist are not touched.",
    },
  },
  {
    title: "replaces a class for a raised factor",
    declared: more,
    live: present,
    expected: {
      kind: "replace",
      reason:
        "The configuration changed. parameters cannot be changed in place, so it is removed and created again; " +
        `${keeps}.`,
      changes: ['parameters.replicas: "2" -> "3"'],
    },
  },
  {
    title: "replaces a class for another reclaim policy",
    declared: storageClass({ reclaimPolicy: "Delete" }),
    live: present,
    expected: {
      kind: "replace",
      reason:
        "The configuration changed. reclaimPolicy cannot be changed in place, so it is removed and created again; " +
        `${keeps}.`,
      changes: ['reclaimPolicy: "Retain" -> "Delete"'],
    },
  },
  {
    title: "sees a parameter that was added by hand",
    live: changed({ parameters: { ...(declared.inputs["parameters"] as object), stray: "1" } }),
    expected: {
      kind: "replace",
      reason:
        "It was changed outside this program. parameters cannot be changed in place, so it is removed and created " +
        `again; ${keeps}.`,
      changes: ['parameters.stray: "1" -> none'],
    },
  },
  {
    title: "refuses to replace what is protected",
    declared: { ...more, protect: true },
    live: present,
    expected: {
      kind: "refuse",
      reason:
        "The configuration changed. parameters cannot be changed in place, and the object is protected: removing it " +
        "would lose data.",
      changes: ['parameters.replicas: "2" -> "3"'],
    },
  },
  {
    title: "changes a label back in place",
    live: liveOf({
      objects: [
        liveObject(declared, { metadata: { annotations: { [defaultAnnotation]: "false" } } }),
      ],
    }),
    expected: {
      kind: "update",
      reason: "It was changed outside this program. It is changed back in place.",
      changes: [`metadata.annotations["${defaultAnnotation}"]: "false" -> "true"`],
    },
  },
  {
    title: "takes away a field that is not declared any more",
    declared: storageClass({ mountOptions: [] }),
    record: [recorded(storageClass({ mountOptions: ["discard"] }))],
    live: changed({ mountOptions: ["discard"] }),
    expected: {
      kind: "update",
      reason: "The configuration changed. It is changed in place.",
      changes: ['mountOptions: ["discard"] -> none'],
    },
  },
  {
    title: "adopts what is there, ours and missing in the record",
    record: [],
    live: present,
    expected: {
      kind: "adopt",
      reason: "It is there as declared and carries our mark, but is missing in the record.",
    },
  },
  {
    title: "refuses to take over a foreign class",
    record: [],
    live: liveOf({ objects: [liveObject(declared, { metadata: { labels: {} } })] }),
    expected: {
      kind: "refuse",
      reason:
        "It exists already and is not ours (it lacks app.kubernetes.io/managed-by=atom-backup, " +
        "atom-backup/stack=lab): give ours another name in the stack file, remove it, or take it over.",
      command: "./atom adopt",
    },
  },
  {
    title: "waits for what is being deleted",
    live: liveOf({
      objects: [liveObject(declared, { metadata: { deletionTimestamp: "2026-11-23T10:00:00Z" } })],
    }),
    expected: {
      kind: "refuse",
      reason:
        "It is being deleted since 2026-11-23T10:00:00Z and waits for its finalizers; nothing can be declared in its " +
        "place before it is gone: run the command again in a moment.",
    },
  },
  {
    title: "says nothing about an unreachable cluster",
    live: {
      ...present,
      cluster: {
        state: "unknown",
        why: "The API server at https://a did not answer within 5 s.",
      },
    },
    expected: {
      kind: "unknown",
      reason: "The API server at https://a did not answer within 5 s.",
    },
  },
  {
    title: "says nothing about a kind that may not be listed",
    live: liveOf({
      unreadKinds: { "storage.k8s.io/v1|StorageClass": "Listing storageclasses: forbidden." },
    }),
    expected: { kind: "unknown", reason: "Listing storageclasses: forbidden." },
  },
  {
    title: "renames by replacing",
    declared: storageClass({
      metadata: {
        ...(declared.inputs["metadata"] as Readonly<Record<string, string>>),
        name: "atom-new",
      },
    }),
    live: present,
    expected: {
      kind: "replace",
      object: "StorageClass atom-new",
      reason: `Its name changed: atom-replicated is removed and this one created; ${keeps}.`,
      changes: ['metadata.name: "atom-replicated" -> "atom-new"'],
    },
  },
];

describe("planning a Kubernetes object", () => {
  for (const { title, expected, live, way, ...rest } of cases) {
    it(title, () => {
      const steps = plan(
        [rest.declared ?? declared],
        rest.record ?? [recorded(declared)],
        live,
        way,
      );
      deepStrictEqual(steps, [{ object, command: undefined, changes: [], ...expected }]);
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
    deepStrictEqual(
      plan([short], [recorded(short)], liveOf({ objects: [live] })).map(({ kind }) => kind),
      ["same"],
    );
  });

  it("says that a deployment was interrupted where one was, instead of blaming somebody", () => {
    const pending = { urn: declared.urn, kind: "replace", at: "2026-11-23T12:00:00Z" };
    const [step] = planSteps({
      desired: desiredOf([declared]),
      deployed: { ...deployedOf([recorded(declared)]), pending: [pending] },
      live: liveOf({}),
      points: [],
    });
    deepStrictEqual(
      [step?.kind, step?.reason],
      [
        "create",
        "It went away when an earlier deployment stopped in the middle of its replace (2026-11-23T12:00:00Z); until it " +
          "is there again, claims that ask for it stay pending; volumes that exist are not touched.",
      ],
    );
  });

  it("refuses a snapshot class whose CRD is missing, and nothing else", () => {
    const live = liveOf({
      objects: [liveObject(declared)],
      absentKinds: ["snapshot.storage.k8s.io/v1|VolumeSnapshotClass"],
    });
    deepStrictEqual(
      plan([declared, snapshotClass()], [recorded(declared)], live).map(({ kind, reason }) => [
        kind,
        reason,
      ]),
      [
        ["same", "As declared."],
        [
          "refuse",
          "The API server does not serve VolumeSnapshotClass of snapshot.storage.k8s.io/v1: install its CRD first.",
        ],
      ],
    );
  });

  it("changes the deletion policy of a snapshot class in place", () => {
    const before = snapshotClass();
    const [step] = plan(
      [snapshotClass({ deletionPolicy: "Delete" })],
      [recorded(before)],
      liveOf({ objects: [liveObject(before)] }),
    );
    deepStrictEqual(
      [step?.kind, step?.changes],
      ["update", ['deletionPolicy: "Retain" -> "Delete"']],
    );
  });
});

describe("planning fields of somebody else's object", () => {
  const patch = configMapPatch();
  const theirs = (data: object): LiveState =>
    liveOf({
      objects: [
        liveObject(patch, { data, metadata: { annotations: {}, labels: { owner: "them" } } }),
      ],
    });

  it("sets them, whoever owns the object", () => {
    deepStrictEqual(plan([patch], [], theirs({ mode: "off", other: "1" })), [
      {
        kind: "update",
        object: "fields of ConfigMap default/settings",
        reason: "It is declared and not set. Only these fields are set.",
        command: undefined,
        changes: ['data.mode: "off" -> "on"'],
      },
    ]);
  });

  it("leaves them alone once they are set", () => {
    deepStrictEqual(
      plan([patch], [recorded(patch)], theirs({ mode: "on", other: "1" })).map(({ kind }) => kind),
      ["same"],
    );
  });

  it("refuses where there is no such object", () => {
    deepStrictEqual(
      plan([patch], [], liveOf({})).map(({ kind, reason }) => [kind, reason]),
      [
        [
          "refuse",
          "There is no ConfigMap default/settings whose fields could be set: install what brings it first.",
        ],
      ],
    );
  });
});
