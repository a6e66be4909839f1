import { deepEqual, equal, match } from "node:assert/strict";

import type { Vm } from "../../../clients/vcenter/vms";
import type { PointMember, PointRecord } from "../../../planning/pointRecord";
import {
  planEtcd,
  planVms,
  vmDifferences,
  type VmPlan,
} from "../../../restorepoint/rollback/planVms";
import { vmInventory } from "../../../restorepoint/take/vmSnapshots";
import { point, vm, vmMember, vmSnapshot } from "../expire/fixtures";
import { labSite } from "../verify/takeRestorePoint";

const site = labSite();
const nodes = site.virtualMachines?.nodes ?? [];

/** A VM of the lab as vCenter has it, with the snapshot of point p. */
function live(node: string, powerState = "poweredOn", mode = "persistent"): Vm {
  const uuid = nodes.find(({ name }) => name === node)?.uuid ?? "";
  const disk = { key: 2000, label: "Hard disk 1", bytes: 1, datastore: "d", file: "a.vmdk", mode };
  return {
    ...vm(node, [vmSnapshot("p", node, undefined)]),
    name: node,
    uuid,
    powerState,
    hardware: {
      memoryMb: 1,
      home: "d",
      disks: [{ ...disk, raw: undefined, volume: undefined }],
      nics: [{ label: "n", mac: "00:50:56:00:00:01", network: "net" }],
      sharedBuses: [],
      passthrough: [],
    },
  } as Vm;
}

/** The record of a point with the VMs of some nodes. */
function recordOf(
  names: readonly string[],
  changes: Partial<PointRecord> = {},
  vms = names.map((name) => live(name)),
  others: readonly PointMember[] = [],
): PointRecord {
  const members: readonly PointMember[] = names.map((name) => ({
    ...vmMember("p", name),
    node: name,
    uuid: nodes.find((one) => one.name === name)?.uuid ?? "",
  }));
  const then = vms.map((one, index) =>
    vmInventory(names[index] ?? "", one, "2026-11-20T10:00:00Z"),
  );
  return point("p", { members: [...members, ...others], vms: then, ...changes });
}

/** Its plan. */
function plan(
  names: readonly string[],
  changes: Partial<PointRecord> = {},
  vms = names.map((name) => live(name)),
): VmPlan {
  const record = recordOf(names, changes, vms);
  return planVms(site, record, [record], vms);
}

/** A journal of events and steps. */
function journalOf(
  ...entries: readonly (readonly [event: string, step: string, node?: string])[]
): PointRecord["journal"] {
  const list = entries.map(([event, step, node], index) => ({
    ...{ at: "", who: "", command: "", run: 1, chain: "", sequence: index + 1, event, step },
    detail: node === undefined ? {} : { node },
  }));
  return {
    sequence: list.length,
    summaries: [],
    entries: list as PointRecord["journal"]["entries"],
  };
}

const of = (...roles: readonly string[]): readonly string[] =>
  nodes.flatMap(({ name, role }) => (roles.includes(role) ? [name] : []));

describe("the plan of a revert of VMs", () => {
  it("holds all nine, off before any is reverted, and on after all", () => {
    const all = of("storage", "controlPlane");
    const off = all.map((name) => live(name, name.endsWith("-cp") ? "poweredOff" : "poweredOn"));
    const { refusals, vms, steps } = plan(all, {}, off);
    deepEqual(refusals, []);
    equal(vms.length, 9);
    deepEqual(
      steps.map(({ kind, objects }) => [kind, objects.length]),
      [
        ["off", 6],
        ["revert", 9],
        ["on", 6],
        ["compare", 0],
      ],
    );
  });

  const refused: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    [
      "one control-plane node",
      () => plan(["atom-a-cp"]).refusals,
      /not hold the VMs of atom-b-cp and atom-c-cp: etcd/,
    ],
    [
      "members of etcd that ran",
      () => plan(of("controlPlane")).refusals,
      /VMs that ran: .*holds no snapshot of it/,
    ],
    [
      "an independent disk of a storage node",
      () =>
        plan(
          of("storage"),
          {},
          of("storage").map((name) => live(name, "poweredOn", "independent_persistent")),
        ).refusals,
      /Hard disk 1 of atom-a-1 is independent of snapshots/,
    ],
    [
      "a snapshot that is gone",
      () =>
        plan(
          of("storage"),
          {},
          of("storage")
            .slice(1)
            .map((name) => live(name)),
        ).refusals,
      /VM snapshots are lost: vm atom-a-1/,
    ],
    ["no VMs", () => plan([]).refusals, /holds no VM snapshots/],
  ];
  for (const [title, find, expected] of refused) {
    it(`is refused for ${title}`, () => match(find().join("\n"), expected));
  }

  const etcd = {
    kind: "etcd",
    node: "atom-a-cp",
    file: "/b/p.db",
    sha256: "0f",
    createdAt: "2026-11-20T10:00:00Z",
    members: of("controlPlane").map((name) => ({ name, peers: [`https://${name}:2380`] })),
  } as const;

  it("lets people restore etcd of members that ran before the other VMs are on, once", () => {
    const all = of("storage", "controlPlane");
    const vms = all.map((name) => live(name));
    const record = recordOf(all, { consistency: "stopped" }, vms, [etcd]);
    const shown = planVms(site, record, [record], vms);
    deepEqual(shown.refusals, []);
    match(shown.warnings.join("\n"), /The product is stopped in etcd of the point/);
    deepEqual(
      shown.steps.map(({ kind }) => kind),
      ["off", "revert", "etcd", "on", "compare"],
    );
    equal(shown.steps.find(({ kind }) => kind === "on")?.objects.length, 6);
    const restore = shown.etcd?.procedure.find(({ members: on }) => on.join() === "atom-b-cp");
    match(
      restore?.commands.join("\n") ?? "",
      /etcdutl snapshot restore \/b\/p\.db --data-dir \/var\/lib\/etcd\/restored-p --name atom-b-cp --initial-cluster atom-a-cp=https:\/\/atom-a-cp:2380,atom-b-cp=.*,atom-c-cp=\S+ /,
    );
    const journal = journalOf(["begun", "revert VMs"], ["noted", "restored etcd"]);
    equal(planVms(site, { ...record, journal }, [], vms).etcd, undefined);
    const without = { ...site, nodeBackups: { etcd: undefined } };
    match(planEtcd(without, record).refusals.join(), /nodeBackups\.etcd is not set/);
    equal(planEtcd(site, record).steps.length, 1);
  });

  it("leaves out what an earlier run has reverted", () => {
    const journal = journalOf(["begun", "revert VMs"], ["ended", "revert VM atom-a-1", "atom-a-1"]);
    const names = of("storage");
    const reverted = (one: string, now: string): number | undefined => {
      const vms = names.map((name) => live(name, name === one ? now : "poweredOn"));
      const { steps } = planVms(site, recordOf(names, { journal }), [], vms);
      return steps.find(({ kind }) => kind === "revert")?.objects.length;
    };
    equal(reverted("atom-a-1", "poweredOff"), 5);
    // None is on before all are reverted: somebody gave that up, and it has written since.
    equal(reverted("atom-a-1", "poweredOn"), 6);
  });

  it("reverts none twice where all were, and some run already", () => {
    const names = of("storage");
    const ended = names.map((name) => ["ended", `revert VM ${name}`, name] as const);
    const { steps } = plan(names, { journal: journalOf(["begun", "revert VMs"], ...ended) });
    deepEqual(steps.find(({ kind }) => kind === "revert")?.objects, []);
  });

  it("tells what differs afterwards", () => {
    const then = vmInventory("atom-a-1", live("atom-a-1"), "2026-11-20T10:00:00Z");
    deepEqual(vmDifferences(then, live("atom-a-1")), []);
    match(
      vmDifferences(then, live("atom-a-1", "poweredOff")).join(),
      /powerState "poweredOff" instead/,
    );
  });
});
