import { deepStrictEqual, ok } from "node:assert/strict";

import * as fc from "fast-check";

import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Registration } from "../../engine/program/desiredState";
import { mergeDeclared } from "../../drift/merge";
import { planSteps } from "../../drift/plan";
import type { PlanInput } from "../../drift/plan";
import { isSnapshot } from "../../drift/resources";
import type { DeployedResource, LiveObject, LiveSnapshot, Step } from "../../drift/types";
import type { RestorePointFile } from "../../planning/site";
import {
  takenAt,
  deployedOf,
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
  storageClass,
} from "./fixtures";

const nodes = ["a-1", "b-1", "c-1"] as const;

/** Forms that the class has had or got by hand. */
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

interface World {
  readonly input: PlanInput;
  readonly objects: readonly LiveObject[];
  readonly snapshots: ReadonlyMap<string, readonly LiveSnapshot[]>;
}

function world(
  declared: readonly Registration[],
  record: readonly DeployedResource[],
  objects: readonly LiveObject[],
  snapshots: ReadonlyMap<string, readonly LiveSnapshot[]>,
  points: readonly RestorePointFile[],
): World {
  const vms = nodes.map((node) => vm(node, snapshots.get(node)));
  const live = liveOf({ objects, vms });
  return {
    input: { desired: desiredOf(declared), deployed: deployedOf(record), live, points },
    objects,
    snapshots,
  };
}

const optional = <T>(from: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...from), { nil: undefined });

const memberState = fc.record({
  /** In the point's file, by reference. */
  filed: fc.boolean(),
  recorded: fc.boolean(),
  live: fc.boolean(),
  foreign: fc.boolean(),
});

const worlds = fc
  .record({
    declaredClass: optional(classes),
    recordedClass: optional(classes),
    liveClass: optional(classes),
    foreignClass: fc.boolean(),
    declaredSnapshot: optional(snapshotClasses),
    recordedSnapshot: optional(snapshotClasses),
    liveSnapshot: optional(snapshotClasses),
    taken: fc.boolean(),
    members: fc.tuple(memberState, memberState, memberState),
  })
  .map((choice) => {
    const labels = choice.foreignClass ? { metadata: { labels: {} } } : {};
    const members = nodes.map((node, index) => ({
      node,
      state: choice.members[index],
      declared: member(node),
    }));
    const filed = members.filter(({ state }) => state?.filed === true);
    const file = point(choice.taken ? { state: "ready", takenAt } : {});
    const points = [
      { ...file, members: filed.map(({ node }) => pointMember(node, `snapshot-${node}`)) },
    ];
    const declared = [choice.declaredClass, choice.declaredSnapshot].filter(
      (item) => item !== undefined,
    );
    const record = [choice.recordedClass, choice.recordedSnapshot]
      .filter((item) => item !== undefined)
      .map((item) => recorded(item));
    const objects = [
      ...(choice.liveClass === undefined ? [] : [liveObject(choice.liveClass, labels)]),
      ...(choice.liveSnapshot === undefined ? [] : [liveObject(choice.liveSnapshot)]),
    ];
    const snapshots = new Map(
      members.map(({ node, state, declared: snapshot }) => [
        node,
        [
          ...(state?.foreign === true
            ? [snapshotOf(snapshot, `foreign-${node}`, { name: "nightly", description: "" })]
            : []),
          ...(state?.live === true ? [snapshotOf(snapshot, `snapshot-${node}`)] : []),
        ],
      ]),
    );
    const memberRecord = members
      .filter(({ state }) => state?.recorded === true)
      .map(({ node, declared: snapshot }) => recorded(snapshot, `snapshot-${node}`));
    return world(
      [...declared, ...members.map((item) => item.declared)],
      [...record, ...memberRecord],
      objects,
      snapshots,
      points,
    );
  });

/** What the executor would leave behind. */
function applied({ input, objects, snapshots }: World, steps: readonly Step[]): World {
  const record = new Map(input.deployed.resources.map((resource) => [resource.urn, resource]));
  const live = new Map(objects.map((object) => [object.kind, object]));
  const taken = new Map(snapshots);
  for (const { kind, urn, id } of steps) {
    const declared = input.desired.registrations.find((item) => item.urn === urn);
    const before = record.get(urn);
    const objectKind = String((declared ?? before)?.inputs["kind"]);
    if (declared !== undefined && isSnapshot(declared.type) && kind === "create") {
      const node = declared.name.replace("pre-24.1-vm-", "");
      taken.set(node, [...(taken.get(node) ?? []), snapshotOf(declared, `new-${node}`)]);
      record.set(urn, recorded(declared, `new-${node}`));
    } else if (declared !== undefined && (kind === "create" || kind === "replace")) {
      live.set(objectKind, liveObject(declared));
      record.set(urn, recorded(declared));
    } else if (declared !== undefined && kind === "update") {
      const there = live.get(objectKind) as unknown as ClusterObject;
      live.set(
        objectKind,
        mergeDeclared(there, declared.inputs, before?.inputs) as unknown as LiveObject,
      );
      record.set(urn, recorded(declared));
    } else if (declared !== undefined && kind === "adopt") {
      record.set(urn, recorded(declared, id));
    } else if (kind === "delete" || kind === "forget") {
      record.delete(urn);
      live.delete(kind === "delete" ? objectKind : "");
    }
  }
  return world(
    input.desired.registrations,
    [...record.values()],
    [...live.values()],
    taken,
    input.points,
  );
}

describe("any plan", () => {
  it("leaves nothing to do once it was done, but what it refused", () => {
    fc.assert(
      fc.property(worlds, (before) => {
        const steps = planSteps(before.input);
        const after = planSteps(applied(before, steps).input);
        const left = after.filter(({ kind }) => kind !== "same");
        const refused = steps.filter(({ kind }) => kind === "refuse");
        deepStrictEqual(
          left.map(({ kind, urn, reason }) => [kind, urn, reason]),
          refused.map(({ kind, urn, reason }) => [kind, urn, reason]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("never cuts what was cut, is recorded or is there", () => {
    fc.assert(
      fc.property(worlds, ({ input, snapshots }) => {
        const [file] = input.points;
        for (const { kind, urn } of planSteps(input)) {
          const node = nodes.find((name) => urn.endsWith(`-vm-${name}`));
          if (kind === "create" && node !== undefined) {
            const known =
              file?.takenAt !== undefined ||
              file?.members.some((item) => item.kind === "virtualMachine" && item.node === node) ===
                true ||
              input.deployed.resources.some((resource) => resource.urn === urn) ||
              snapshots.get(node)?.some(({ name }) => name.startsWith("atom.")) === true;
            ok(!known, urn);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("touches no snapshot of others", () => {
    fc.assert(
      fc.property(worlds, ({ input }) => {
        const kinds = planSteps(input)
          .filter(({ type }) => isSnapshot(type))
          .map(({ kind }) => kind);
        ok(kinds.every((kind) => !["delete", "replace", "update"].includes(kind)));
      }),
      { numRuns: 500 },
    );
  });

  it("is the same for the same input", () => {
    fc.assert(
      fc.property(worlds, ({ input }) => {
        deepStrictEqual(planSteps(input), planSteps(input));
      }),
      { numRuns: 100 },
    );
  });
});
