import { deepStrictEqual, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";

import type { Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Site } from "../../planning/site";
import { catalogFolder } from "../../restorepoint/catalog/folderSide";
import { readDrift, resultOf, type Drift } from "../../site/drift/readDrift";
import type { OpenStack } from "../../site/stack";
import { placeableSites } from "../planning/support/randomSites";
import { apiDouble } from "../site/preflight/ruleFacts";
import { pointFile, vmMember } from "../support/points";
import { siteOf } from "../support/sites";
import { desiredOf, member, recorded, stack, stateOf, takenAt } from "./fixtures";
import {
  CLASSES,
  handleOf,
  notKept,
  POINT,
  promisedWorld,
  recordPoint,
  type World,
} from "./support/promisedWorld";

/** What is done to one thing of the world: which kind, and which of it, numbers choose. */
const damage = fc.record({
  kind: fc.nat(),
  at: fc.nat(),
  how: fc.constantFrom("gone", "stripped", "emptied", "twice", "edited", "edited"),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

/** How a system answers. */
const answers = fc.oneof(
  { weight: 12, arbitrary: fc.constant("well") },
  { weight: 3, arbitrary: fc.constantFrom("not", "to some", "unopened") },
);

/** Sites on the lab's driver, of which alone it is known here what its volumes promise. */
const labSites = placeableSites.filter(({ backend }) => backend === "lab");

const drawn = fc.record({
  site: fc
    .oneof({ weight: 4, arbitrary: labSites }, { weight: 1, arbitrary: placeableSites })
    .map((site): Site => ({ ...site, stack })),
  damages: fc.array(damage, { maxLength: 2 }),
  cluster: answers,
  vcenter: answers,
});

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

/** A site of these numbers of storage nodes and control-plane nodes, of which one thing is damaged. */
function drawnOnce(sites: readonly (readonly [number, number])[], one: Damage): Drawn {
  const site = siteOf({
    ...{ stack, replicationFactor: 1, survive: "node" },
    topology: {
      siteLabel: "topology.kubernetes.io/zone",
      sites: sites.map(([storage, controlPlaneNodes], index) => {
        const name = "abc".charAt(index);
        const storageNodes = Array.from({ length: storage }, (_, node) => `${name}-${node + 1}`);
        const roles = { role: "data", locatedIn: undefined, converged: false } as const;
        return { ...roles, name, storageNodes, controlPlaneNodes };
      }),
    },
  });
  return { site, damages: [one], cluster: "well", vcenter: "well" };
}

/** Found at random, and right as they are. */
const KNOWN: [Drawn][] = [
  // A node of the only site has no label, which nobody needs there.
  [drawnOnce([[2, 0]], { kind: 822244682, at: 529228051, how: "stripped" })],
  // The only node with the role is gone: then the control plane is taken to run elsewhere.
  [
    drawnOnce(
      [
        [2, 0],
        [3, 1],
      ],
      { kind: 290360362, at: 1181011145, how: "gone" },
    ),
  ],
];

/** Another thing than was there. */
function damaged<T extends object>(one: T, how: Damage["how"]): readonly T[] {
  const fields = one as Readonly<Record<string, unknown>>;
  const { name } = (fields["metadata"] ?? {}) as { readonly name?: string };
  switch (how) {
    case "gone":
      return [];
    case "twice":
      return "uuid" in one ? [one, { ...one, reference: "clone" }] : [one];
    case "stripped":
      return "uuid" in one ? [{ ...one, snapshots: [] }] : [{ ...one, metadata: { name } }];
    case "emptied":
      return "uuid" in one
        ? [{ ...one, hardware: undefined, uuid: "" }]
        : [{ apiVersion: fields["apiVersion"], kind: fields["kind"], metadata: { name } } as T];
    case "edited":
      return [
        JSON.parse(
          JSON.stringify(one, (key, value: unknown) =>
            ["replicaNodes", "replicas", "readyToUse", "snapshotHandle", "deletionPolicy"].includes(
              key,
            )
              ? "edited"
              : value,
          ),
        ) as T,
      ];
  }
}

function worldAfter(world: World, damages: readonly Damage[]): World {
  return damages.reduce(({ objects, vms }, { kind, at, how }): World => {
    const kinds = [...new Set(objects.map((one) => one.kind)), "VM"];
    const chosen = kinds[kind % kinds.length];
    const hit = <T extends object>(list: readonly T[], of: (one: T) => string): readonly T[] => {
      const own = list.filter((one) => of(one) === chosen);
      const target = own[at % Math.max(1, own.length)];
      return list.flatMap((one) => (one === target ? damaged(one, how) : [one]));
    };
    return { objects: hit(objects, (one) => one.kind), vms: hit(vms, () => "VM") };
  }, world);
}

const silent = "It is silent.";

function clusterOf({ objects }: World, how: string): Access<ClusterClient> {
  const kinds = ["VolumeSnapshot", "VolumeSnapshotContent"];
  const api = apiDouble(objects, kinds);
  const fail = (): never => {
    throw new ClusterError("unreachable", silent);
  };
  const refuse = (): never => {
    throw new ClusterError("answer", "It is forbidden.", 403);
  };
  const list = (apiVersion: string, kind: string): Promise<ClusterObject[]> =>
    how === "not"
      ? fail()
      : how === "to some" && kind === "Node"
        ? refuse()
        : api.list(apiVersion, kind);
  const kubeSystemUid = (): Promise<string> => (how === "not" ? fail() : Promise.resolve("uid"));
  const client = { ...api, list, kubeSystemUid } as unknown as ClusterClient;
  return how === "unopened" ? { state: "unknown", why: silent } : { state: "open", client };
}

function vcenterOf(site: Site, { vms }: World, how: string): Access<VcenterClient> {
  const answer = <T>(value: T): Promise<T> =>
    how === "well"
      ? Promise.resolve(value)
      : Promise.reject(new VcenterError("unreachable", silent));
  const client = { vms: () => answer(vms), instanceUuid: () => answer("vcenter") };
  return site.virtualMachines === undefined
    ? { state: "notNeeded" }
    : how === "unopened"
      ? { state: "unknown", why: silent }
      : { state: "open", client: client as unknown as VcenterClient };
}

describe("drift of any site in any state", () => {
  const root = mkdtempSync(join(tmpdir(), "atom-drift-"));

  let record: ClusterObject;

  before(async () => {
    record = await recordPoint(catalogFolder(root, "catalog", stack));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  async function look(drawnSite: Site, world: World, how: { cluster: string; vcenter: string }) {
    const nodes = drawnSite.virtualMachines?.nodes ?? [];
    const vms = nodes.map(({ name, uuid }) => vmMember(name, handleOf(name), uuid, { takenAt }));
    const files = vms.length === 0 ? [] : [pointFile({ name: POINT.name, state: "ready", vms })];
    const site = { ...drawnSite, restorePoints: files, catalogDir: "catalog" };
    const members = nodes.map(({ name, uuid }) => member(name, { uuid, point: POINT.name }));
    const state = stateOf([
      ...CLASSES.map((one) => recorded(one)),
      ...members.map((one, index) => recorded(one, vms[index]?.handle)),
    ]);
    return readDrift({
      stack: { root, name: stack, isLab: true, site } as unknown as OpenStack,
      desired: desiredOf([...CLASSES, ...members]),
      state,
      access: {
        cluster: clusterOf(world, how.cluster),
        vcenter: vcenterOf(site, world, how.vcenter),
      },
      only: undefined,
      now: new Date("2026-11-21T10:00:00Z"),
    });
  }

  const differing = ({ findings }: Drift): string[] =>
    findings.flatMap(({ kind, object, reason }) =>
      kind === "same" ? [] : [`${kind} ${object}: ${reason}`],
    );

  it("never ends in a crash, nor in 0 while a promise is not kept or cannot be looked at", () =>
    fc.assert(
      fc.asyncProperty(drawn, async ({ site, damages, cluster, vcenter }) => {
        const world = worldAfter(promisedWorld(site, record), damages);
        const found = await look(site, world, { cluster, vcenter });
        const isBlind =
          cluster !== "well" || (site.virtualMachines !== undefined && vcenter !== "well");
        if (isBlind) {
          deepStrictEqual(resultOf(found.findings), "unknown");
        }
        const broken = notKept(site, world);
        ok(broken.length === 0 || resultOf(found.findings) !== "noDrift", broken.join());
      }),
      { numRuns: 400, examples: KNOWN },
    ));

  it("finds nothing where every promise is kept", () =>
    fc.assert(
      fc.asyncProperty(labSites, async (any) => {
        const site = { ...any, stack };
        const world = promisedWorld(site, record);
        deepStrictEqual(notKept(site, world), []);
        const found = await look(site, world, { cluster: "well", vcenter: "well" });
        deepStrictEqual(differing(found), []);
      }),
      { numRuns: 50 },
    ));
});
