import assert from "node:assert/strict";

import type { Registration } from "../../../engine/program/desiredState";
import type { AdoptPlan } from "../../../site/adopt/planAdopt";
import { planAdopt } from "../../../site/adopt/planAdopt";
import type { LiveState } from "../../../drift/types";
import type { StackResource } from "../../../engine/stackState";
import { labels } from "../../../planning/names";
import type { PointFile } from "../../../planning/site";
import { assertTold } from "../../support/told";
import {
  configMapPatch,
  defaultAnnotation,
  desiredOf,
  liveObject,
  liveOf,
  vm,
  member,
  point,
  pointMember,
  recorded,
  snapshotClass,
  snapshotOf,
  stateOf,
  storageClass,
} from "../../drift/fixtures";

const declared = storageClass();
const annotations = { [defaultAnnotation]: "true" };

interface Given {
  readonly declared?: readonly Registration[];
  readonly record?: readonly StackResource[];
  readonly live: LiveState;
  readonly points?: readonly PointFile[];
  readonly differing?: boolean;
}

function plan(given: Given): AdoptPlan {
  return planAdopt({
    desired: desiredOf(given.declared ?? [declared]),
    state: stateOf(given.record ?? []),
    live: given.live,
    points: given.points ?? [],
    differing: given.differing ?? false,
  });
}

/** The class as somebody made it by hand: without our labels. */
function byHand(change: Readonly<Record<string, unknown>> = {}, own = {}): LiveState {
  const metadata = { labels: own, annotations };
  return liveOf({ objects: [liveObject(declared, { metadata, ...change })] });
}

const labelChanges = Object.entries(labels("lab")).map(([key, to]) => ({
  path: `metadata.labels["${key}"]`,
  from: undefined,
  to,
}));

function only({ actions, absent }: AdoptPlan) {
  assert.deepEqual(absent, []);
  const [first] = actions;
  assert.ok(first !== undefined && actions.length === 1);
  const { kind, changes, reason, command } = first;
  return { kind, changes, reason, command };
}

describe("what `adopt` would take over: objects", () => {
  it("takes over one that is as declared: nothing but missing owner labels is put on it", () => {
    const adopting = plan({ live: byHand() });
    assert.deepEqual(only(adopting), {
      kind: "import",
      changes: labelChanges,
      reason: "It is there as declared: our owner labels are put on it, nothing else is changed.",
      command: undefined,
    });
    assert.deepEqual([...adopting.labels], [[declared.urn, labels("lab")]]);
  });

  it("takes over one that carries our mark without touching it: a lost state", () => {
    const adopting = plan({ live: liveOf({ objects: [liveObject(declared)] }) });
    assert.deepEqual(only(adopting), {
      kind: "import",
      changes: [],
      reason: "It is there as declared and carries our mark: it is imported.",
      command: undefined,
    });
    assert.equal(adopting.labels.size, 0);
  });

  it("imports one of ours that drifted, and leaves the difference for `up`", () => {
    const live = liveOf({ objects: [liveObject(declared, { allowVolumeExpansion: false })] });
    const adopting = plan({ live });
    assert.deepEqual(only(adopting), {
      kind: "import",
      changes: [{ path: "allowVolumeExpansion", from: false, to: true }],
      reason:
        "It carries our mark: it is imported and stays as it is; ./atom up changes these fields.",
      command: undefined,
    });
  });

  it("refuses one that differs in a field that can be changed in place, and says how to go on", () => {
    const refused = plan({ live: byHand({ allowVolumeExpansion: false }) });
    assert.deepEqual(only(refused), {
      kind: "blocked",
      changes: [...labelChanges, { path: "allowVolumeExpansion", from: false, to: true }],
      reason:
        "It differs from what is declared. Write what is live (the first value) into the stack file, or take it " +
        "over as it is and let ./atom up change these fields.",
      command: "./atom adopt --differing",
    });
    assert.equal(refused.labels.size, 0);
  });

  it("takes that one over as it is when asked to: the labels alone are put on it", () => {
    const adopting = plan({ live: byHand({ allowVolumeExpansion: false }), differing: true });
    assert.equal(only(adopting).kind, "import");
    assert.deepEqual([...adopting.labels], [[declared.urn, labels("lab")]]);
  });

  it("refuses one that differs in what cannot be changed in place, with both values, asked to or not", () => {
    for (const differing of [false, true]) {
      const live = byHand({
        parameters: { replicas: "3", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
        reclaimPolicy: "Delete",
      });
      const { kind, changes, reason, command } = only(plan({ live, differing }));
      assert.deepEqual({ kind, command }, { kind: "blocked", command: undefined });
      assert.deepEqual(changes.slice(labelChanges.length), [
        { path: "parameters.replicas", from: "3", to: "2" },
        { path: "reclaimPolicy", from: "Delete", to: "Retain" },
      ]);
      assertTold([reason], ["parameters.replicas, reclaimPolicy cannot be changed … ./atom up"]);
    }
  });

  it("sees a parameter that only the live one has: it decides where copies go", () => {
    const parameters = { ...(declared.inputs["parameters"] as object), extra: "1" };
    const { kind, changes } = only(plan({ live: byHand({ parameters }) }));
    assert.equal(kind, "blocked");
    assert.deepEqual(changes.at(-1), { path: "parameters.extra", from: "1", to: undefined });
  });

  it("refuses what another stack or another tool manages, equal or not", () => {
    const cases = [
      ["atom-backup/stack", "oslo", "It belongs to stack oslo … atom-backup/stack … ./atom down"],
      ["app.kubernetes.io/managed-by", "Helm", "It is managed by Helm … app.kubernetes.io/managed"],
      ...[
        ["kustomize.toolkit.fluxcd.io/name", "storage", "Flux kustomization storage"],
        ["app.kubernetes.io/instance", "storage", "application storage"],
        ["argocd.argoproj.io/tracking-id", "storage:x", "Argo CD application storage:x"],
        ["kapp.k14s.io/app", "17", "kapp application 17"],
        ["objectset.rio.cattle.io/hash", "a1", "k3s add-on or Rancher object set a1"],
        ["addonmanager.kubernetes.io/mode", "EnsureExists", "add-on manager EnsureExists"],
        ["crossplane.io/composite", "site", "Crossplane composite site"],
        ["longhorn.io/last-applied-configmap", "kind: A\n", "Longhorn ConfigMap kind: A"],
      ].map(([mark = "", value = "", tool = ""]) => [
        mark,
        value,
        `It is brought by ${tool} (${mark}), which would change it back`,
      ]),
    ];
    for (const [mark = "", value = "", reason = ""] of cases) {
      const marked = [byHand({}, { [mark]: value })];
      if (reason.startsWith("It is brought")) {
        marked.push(byHand({ metadata: { labels: {}, annotations: { [mark]: value } } }));
      }
      assertTold(
        marked.map((live) => only(plan({ live })).reason),
        marked.map(() => reason),
      );
    }
    const ownerReferences = [{ kind: "StorageCluster", name: "main" }];
    const owned = byHand({ metadata: { labels: {}, annotations, ownerReferences } });
    assertTold([only(plan({ live: owned })).reason], ["It belongs to StorageCluster main, "]);
  });

  it("has nothing to do where the state has it, however it differs, and where nothing is there", () => {
    const live = liveOf({ objects: [liveObject(declared, { allowVolumeExpansion: false })] });
    const { actions, absent } = plan({
      declared: [declared, snapshotClass(), configMapPatch()],
      record: [recorded(declared)],
      live,
    });
    assert.deepEqual(
      actions.map(({ kind, object }) => [kind, object]),
      [["same", "StorageClass atom-replicated"]],
    );
    assert.deepEqual(absent, [
      { object: "VolumeSnapshotClass atom-snapshots", reason: "./atom up creates it." },
      {
        object: "fields of ConfigMap default/settings",
        reason:
          "There is no ConfigMap default/settings whose fields could be set: install what brings it first.",
      },
    ]);
  });

  it("refuses one that is being deleted", () => {
    const metadata = { deletionTimestamp: "2026-11-23T10:00:00Z" };
    const live = liveOf({ objects: [liveObject(declared, { metadata })] });
    assert.equal(only(plan({ live })).kind, "blocked");
  });

  it("cannot tell where the cluster does not answer", () => {
    const live: LiveState = { ...byHand(), cluster: { state: "unknown", why: "silent" } };
    assert.deepEqual(only(plan({ live })).kind, "unknown");
  });
});

describe("what `adopt` would take over: VM snapshots", () => {
  const taken = member("a-1");
  const ready = point({ state: "ready", vms: [pointMember("a-1", "snapshot-7")] });
  const there = (reference: string, name?: string): LiveState =>
    liveOf({
      vms: [vm("a-1", [snapshotOf(taken, reference, name === undefined ? {} : { name })])],
    });

  it("takes over one with the reference that its point's file has, renamed or not", () => {
    for (const name of [undefined, "renamed"]) {
      const adopting = plan({
        declared: [taken],
        live: there("snapshot-7", name),
        points: [ready],
      });
      assert.deepEqual(
        adopting.actions.map(({ kind, id }) => [kind, id]),
        [["import", "snapshot-7"]],
      );
    }
  });

  it("never takes over another one of the same name: that is another moment", () => {
    const { actions, absent } = plan({
      declared: [taken],
      live: there("snapshot-8"),
      points: [ready],
    });
    assert.deepEqual(actions, []);
    assert.equal(absent[0]?.object, "VM snapshot atom.lab.pre-24.1 of a-1");
    assert.match(absent[0].reason, /snapshot-7 is gone/);
    assert.match(absent[0].reason, /\(snapshot-8\) is there; it is not the one/);
  });

  it("refuses where several VMs have the UUID", () => {
    const live = liveOf({ vms: [vm("a-1"), vm("a-1", [], { reference: "vm-9" })] });
    assert.equal(only(plan({ declared: [taken], live, points: [ready] })).kind, "blocked");
  });

  it("has nothing to do where the state has it", () => {
    const record = [recorded(taken, "snapshot-7")];
    const live = there("snapshot-7");
    assert.equal(only(plan({ declared: [taken], record, live, points: [ready] })).kind, "same");
  });

  it("takes nothing", () => {
    const live = liveOf({ vms: [vm("a-1")] });
    const { actions, absent } = plan({ declared: [taken], live, points: [point()] });
    assert.deepEqual(actions, []);
    assert.equal(absent.length, 1);
  });
});
