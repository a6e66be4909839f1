import { deepStrictEqual, equal, match, throws } from "node:assert/strict";

import type { Named, Vm } from "../../../clients/vcenter/vms";
import { UsageError } from "../../../planning/errors";
import { cloneMark } from "../../../planning/nodeImages";
import { nodeDifferences, planNode, type NodePlan } from "../../../restorepoint/images/planNode";
import { imageRun, template, uuidOf } from "../../support/images";
import { MACHINES, siteOf } from "../../support/sites";

const nodes = MACHINES.nodes.slice(0, 2).map((node, index) => ({
  ...node,
  ...{ name: `a-${index + 1}`, uuid: uuidOf(index) },
  role: index === 0 ? ("storage" as const) : ("controlPlane" as const),
}));
const site = siteOf({ virtualMachines: { ...MACHINES, nodes } });
const runs = [20, 21].map((day) =>
  imageRun(`run-${day}`, ["a-1", "a-2"], `2030-11-${day}T23:00:00Z`),
);
const templates = ["a-1", "a-2"].flatMap((node) => [
  template("run-20", node),
  template("run-21", node),
]);

function vm(changes: Partial<Vm> = {}): Vm {
  const [, disk] = [...(runs[0]?.vms?.[0]?.disks ?? [])].reverse();
  return {
    ...{ reference: "vm-9", name: "a-1", uuid: uuidOf(0), powerState: "poweredOff", host: "esx-1" },
    ...{ datastores: [], freeSpace: [], toolsRunning: false, consolidationNeeded: false },
    ...{ attributes: new Map(), snapshots: [] },
    hardware: {
      ...{ memoryMb: 32, home: "d", sharedBuses: [], passthrough: [] },
      disks: disk === undefined ? [] : [disk],
      nics: runs[0]?.vms?.[0]?.nics ?? [],
    },
    ...changes,
  };
}

function plan(
  wish: Partial<Parameters<typeof planNode>[1]> = {},
  vms: readonly Vm[] = [],
  others: readonly Named[] = [],
  named: readonly Named[] = templates,
): NodePlan {
  return planNode(site, { node: "a-1", powerOn: false, ...wish }, runs, {
    vms,
    named: [...named, ...others],
  });
}

/** What an earlier run brought back. */
const made: Named = {
  ...{ reference: "vm-9", name: "a-1", isTemplate: false },
  annotation: cloneMark("north", "run-21", "a-1", "restored"),
};

/** Refusals where that is off, and the runs' journals have these entries. */
function refusalsAfter(
  ...steps: readonly (readonly ["begun" | "ended" | "noted", string])[]
): string {
  const entries = steps.map(([event, step], index) => ({
    ...{ at: "", who: "", command: "restore-node", run: 1, chain: "", sequence: index + 1 },
    ...{ event, step, detail: { node: "a-1" } },
  }));
  const known = runs.map((run) => ({ ...run, journal: { ...run.journal, entries } }));
  const wish = { node: "a-1", powerOn: false };
  const named = [...templates, made];
  return planNode(site, wish, known, { vms: [vm()], named }).refusals.join();
}

describe("the plan for bringing a node back", () => {
  it("takes the newest image, where the VM was, or what is said", () => {
    const { known, datastore, host, refusals } = plan();
    deepStrictEqual([known.run.name, datastore, host, refusals], ["run-21", "d", "esx-1", []]);
    const other = plan({ image: "run-20", datastore: "e", host: "esx-2" });
    deepStrictEqual([other.known.run.name, other.datastore, other.host], ["run-20", "e", "esx-2"]);
  });

  it("is of a node and an image that are known", () => {
    throws(
      () => plan({ node: "b-9" }),
      (error) => error instanceof UsageError && /a-1.*a-2/.test(error.message),
    );
    throws(() => plan({ image: "run-9" }), /image run-9 of a-1\. Known are: run-21, run-20/);
  });

  it("is refused while the node's VM, or another of its name, is there", () => {
    match(plan({}, [vm({ powerState: "poweredOn" })]).refusals.join(), /^a-1 \(vm-9\).* poweredOn/);
    match(plan({}, [vm()]).refusals.join(), /^a-1 \(vm-9\).* is off: power it on, or remove it/);
    const namesake = { reference: "vm-8", name: "a-1", annotation: "", isTemplate: false };
    match(plan({}, [], [namesake]).refusals.join(), /^a-1 \(vm-8\) has the name/);
  });

  it("is refused without the image, or with one that is not as it was made", () => {
    match(plan({}, [], [], []).refusals.join(), /run-21.* is no template of ours/);
    const edited = templates.map((one) => ({ ...one, annotation: "mine" }));
    equal(plan({}, [], [], edited).refusals.length, 1);
  });

  it("tells every label that the node had", () => {
    const labels = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`label-${index}`, `value-${index}`]),
    );
    const labelled = runs.map((run) => ({
      ...run,
      images: run.images?.map((image) => ({ ...image, labels })),
    }));
    const wish = { node: "a-1", powerOn: false };
    const { after } = planNode(site, wish, labelled, { vms: [], named: templates });
    for (const [key, value] of Object.entries(labels)) {
      equal(after.join().includes(`${key}=${value}`), true, key);
    }
  });

  it("goes on with what an interrupted run made", () => {
    const { refusals, steps } = plan({}, [vm()], [made]);
    deepStrictEqual(refusals, []);
    match(steps.join(), /a-1 \(vm-9\) is there since an earlier run: nothing is cloned/);
  });

  it("is refused where the VM that it brought back has lived as the node since", () => {
    match(
      plan({}, [vm({ powerState: "poweredOn" })], [made]).refusals.join(),
      /^a-1 \(vm-9\).* poweredOn/,
    );
    match(
      refusalsAfter(["noted", "powered on"]),
      /^a-1 \(vm-9\).* is off: power it on, or remove it/,
    );
  });

  it("goes on with a clone that waits to be powered on, though an earlier one was", () => {
    const [begun, ended] = [
      ["begun", "bring back a-1"] as const,
      ["ended", "bring back a-1"] as const,
    ];
    equal(refusalsAfter(begun, ["noted", "powered on"], ended, begun, ended), "");
  });

  it("powers no member of etcd on", () => {
    deepStrictEqual(plan({ powerOn: true }).refusals, []);
    match(plan({ node: "a-2", powerOn: true }).refusals.join(), /--power-on/);
  });

  it("says what is left to people: disks, labels, and etcd where the node votes", () => {
    const [storage, voter] = ["a-1", "a-2"].map((node) => plan({ node }).after.join("\n"));
    match(
      storage ?? "",
      /Hard disk 2[^]*topology\.kubernetes\.io\/zone=[^]*zone=a[^]*drift --stack north/,
    );
    equal(/etcd/.test(storage ?? ""), false);
    match(voter ?? "", /before it is powered on, remove its member from etcd/);
  });
});

describe("a VM that came back", () => {
  const [known] = [plan().known];
  for (const [what, came, cpus, expected] of [
    ["as it was", vm(), 4, []],
    ["with another UUID", vm({ uuid: uuidOf(7) }), 4, ["UUID"]],
    ["with fewer CPUs", vm(), 2, ["CPUs"]],
    [
      "unreadable",
      vm({ hardware: undefined }),
      4,
      ["MiB of memory", "network cards", "bytes of disks"],
    ],
  ] as const) {
    it(`is told where it is ${what}`, () => {
      deepStrictEqual(
        nodeDifferences(known, came, cpus).map((text) => text.split(":")[0]),
        expected,
      );
    });
  }
});
