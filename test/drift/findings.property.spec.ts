import { deepStrictEqual, ok } from "node:assert/strict";

import * as fc from "fast-check";

import {
  blocking,
  type DriftInput,
  findDrift,
  hasUnknown,
  lostMembers,
} from "../../drift/findings";
import { isKubernetes, isSnapshot } from "../../drift/resources";
import type { Read } from "../../clients/access";
import type { Registration } from "../../engine/program/desiredState";
import {
  configMapPatch,
  desiredOf,
  liveObject,
  liveOf,
  member,
  point,
  pointMember,
  recorded,
  snapshotClass,
  snapshotOf,
  stateOf,
  storageClass,
  vm,
} from "./fixtures";

const nodes = ["a-1", "b-1", "c-1"] as const;

/** Forms that the objects have had or got by hand. */
const classes: readonly Registration[] = [
  storageClass(),
  storageClass({ parameters: { replicas: "3" } }),
  storageClass({ reclaimPolicy: "Delete", allowVolumeExpansion: false }),
  storageClass({ mountOptions: ["discard"] }),
];
const snapshotClasses: readonly Registration[] = [
  snapshotClass(),
  snapshotClass({ deletionPolicy: "Delete" }),
];
const patches: readonly Registration[] = [configMapPatch(), configMapPatch("off")];

const optional = <T>(from: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...from), { nil: undefined });

const objectOf = (
  forms: readonly Registration[],
): fc.Arbitrary<Readonly<Record<"declared" | "recorded" | "live", Registration | undefined>>> =>
  fc.record({ declared: optional(forms), recorded: optional(forms), live: optional(forms) });

const memberState = fc.record({
  declared: fc.boolean(),
  /** In the point's file, by reference. */
  filed: fc.boolean(),
  marked: fc.boolean(),
  recorded: fc.boolean(),
  live: fc.boolean(),
  foreign: fc.boolean(),
  /** VMs of the UUID in vCenter. */
  vms: fc.constantFrom(1, 1, 1, 0, 2),
});

const systems = fc.record({
  cluster: fc.constantFrom("read", "read", "unknown", "notNeeded"),
  vcenter: fc.constantFrom("read", "read", "unknown", "notNeeded"),
  unreadKind: fc.boolean(),
  absentKind: fc.boolean(),
});

function readAs<T>(state: string, read: Read<T>): Read<T> {
  return state === "unknown" ? { state, why: "silent" } : state === "notNeeded" ? { state } : read;
}

const worlds: fc.Arbitrary<DriftInput> = fc
  .record({
    objects: fc.tuple(objectOf(classes), objectOf(snapshotClasses), objectOf(patches)),
    foreignClass: fc.boolean(),
    pointState: fc.constantFrom("planned", "taking", "ready", "expiring"),
    pointThere: fc.boolean(),
    members: fc.tuple(memberState, memberState, memberState),
    systems,
  })
  .map(({ objects, foreignClass, pointState, pointThere, members, systems: as }) => {
    const taken = members.map((state, index) => {
      const node = nodes[index] ?? "";
      return { ...state, node, registration: member(node) };
    });
    const vms = taken.flatMap(({ node, registration, ...state }) =>
      Array.from({ length: state.vms }, (_, copy) =>
        vm(
          node,
          [
            ...(state.foreign
              ? [snapshotOf(registration, `foreign-${node}`, { description: "" })]
              : []),
            ...(state.live && copy === 0 ? [snapshotOf(registration, `snapshot-${node}`)] : []),
          ],
          { reference: `vm-${node}-${copy}` },
        ),
      ),
    );
    const live = liveOf({
      objects: objects.flatMap((one) =>
        one.live === undefined
          ? []
          : [liveObject(one.live, foreignClass ? { metadata: { labels: {} } } : {})],
      ),
      vms,
      absentKinds: as.absentKind ? ["snapshot.storage.k8s.io/v1|VolumeSnapshotClass"] : [],
      unreadKinds: as.unreadKind ? { "storage.k8s.io/v1|StorageClass": "forbidden" } : {},
    });
    const file = point({
      state: pointState as "planned" | "taking" | "ready" | "expiring",
      vms: taken
        .filter(({ filed }) => filed)
        .map(({ node, marked }) =>
          pointMember(node, `snapshot-${node}`, marked ? { lost: "2026-11-22T00:00:00Z" } : {}),
        ),
    });
    return {
      desired: desiredOf([
        ...objects.flatMap(({ declared }) => (declared === undefined ? [] : [declared])),
        ...taken.filter(({ declared }) => declared).map(({ registration }) => registration),
      ]),
      state: stateOf([
        ...objects.flatMap((one) => (one.recorded === undefined ? [] : [recorded(one.recorded)])),
        ...taken
          .filter((one) => one.recorded)
          .map(({ node, registration }) => recorded(registration, `snapshot-${node}`)),
      ]),
      live: {
        cluster: readAs(as.cluster, live.cluster),
        vcenter: readAs(as.vcenter, live.vcenter),
      },
      points: pointThere ? [file] : [],
    };
  });

function always(rule: (input: DriftInput, found: ReturnType<typeof findDrift>) => void): void {
  fc.assert(
    fc.property(worlds, (input) => rule(input, findDrift(input))),
    { numRuns: 1000 },
  );
}

describe("any findings", () => {
  it("say one thing of every declared object and of every undeclared VM snapshot", () => {
    always(({ desired, state }, found) => {
      const declared = desired.registrations.map(({ urn }) => urn);
      const left = state.resources
        .filter(({ urn, type }) => isSnapshot(type) && !declared.includes(urn))
        .map(({ urn }) => urn);
      deepStrictEqual(
        found.map(({ urn }) => urn),
        [...declared, ...left],
      );
    });
  });

  it("say unknown of whatever lives in a system that was not read, and that there is an unknown", () => {
    always(({ desired, live }, found) => {
      const urns = desired.registrations
        .filter(
          ({ type }) =>
            (isKubernetes(type) && live.cluster.state !== "read") ||
            (isSnapshot(type) && live.vcenter.state !== "read"),
        )
        .map(({ urn }) => urn);
      const unknown = found.filter(({ kind }) => kind === "unknown").map(({ urn }) => urn);
      ok(urns.every((urn) => unknown.includes(urn)));
      ok(urns.length === 0 || hasUnknown(found));
    });
  });

  it("never call a VM snapshot missing that was taken, is recorded or is there", () => {
    always(({ state, live, points }, found) => {
      for (const { kind, urn, type } of found) {
        if (isSnapshot(type) && kind === "missing") {
          const node = nodes.find((name) => urn.endsWith(`-vm-${name}`)) ?? "";
          const there =
            live.vcenter.state === "read" &&
            live.vcenter.value.vms.some(({ snapshots }) =>
              snapshots.some(({ reference }) => reference === `snapshot-${node}`),
            );
          const filed = points.some(({ vms }) => vms.some((taken) => taken.node === node));
          const inState = state.resources.some((resource) => resource.urn === urn);
          ok(!there && !filed && !inState, urn);
        }
      }
    });
  });

  it("write a member as lost only where its file has it, it is not marked, and vCenter lacks it", () => {
    always(({ live, points }, found) => {
      for (const { handle, node } of lostMembers(found)) {
        ok(points.some(({ vms }) => vms.some((taken) => taken.node === node)));
        ok(live.vcenter.state === "read");
        ok(
          live.vcenter.value.vms.every(({ snapshots }) =>
            snapshots.every(({ reference }) => reference !== handle),
          ),
        );
      }
    });
  });

  it("block on what is somebody else's, and never on what is as declared", () => {
    always((_, found) => {
      const stopped = blocking(found);
      ok(found.every((one) => one.kind !== "foreign" || stopped.includes(one)));
      ok(stopped.every(({ kind }) => kind !== "same" && kind !== "unknown"));
    });
  });

  it("give an id wherever the state has to be changed", () => {
    always((_, found) => {
      ok(found.every(({ state, id }) => state === undefined || (id ?? "") !== ""));
    });
  });
});
