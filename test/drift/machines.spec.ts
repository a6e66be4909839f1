import { deepStrictEqual } from "node:assert/strict";

import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import type { Vm } from "../../clients/vcenter/vms";
import { judgeMachines } from "../../drift/machines";
import { snapshot, sound } from "../site/preflight/vmFixtures";

const site = parseSite(readConfiguration("lab").raw);
const nodes = site.virtualMachines?.nodes ?? [];

/** All node VMs as they should be; of one something is otherwise. */
function live(node: string, change: Partial<Vm>): Vm[] {
  return nodes.map(({ name, uuid, host, datastores = [] }) =>
    sound({ name, uuid, host, datastores, ...(name === node ? change : {}) }),
  );
}

const told = (vms: readonly Vm[]): readonly string[] =>
  judgeMachines(site, vms)
    .filter(({ kind }) => kind !== "same")
    .map(({ kind, object }) => `${kind} ${object}`);

// What a machine that can be read is found with, the tamper matrix plays on the lab.
describe("node VMs of which vCenter does not tell everything", () => {
  it("are as they should be where all is told, in either order of the UUID's bytes", () => {
    deepStrictEqual(told(live("", {})), []);
    const turned = "00001042-0000-0040-8000-0000000000a1";
    deepStrictEqual(told(live("atom-a-1", { uuid: turned })), []);
  });

  it("are unknown where it does not say whether one needs consolidation", () => {
    deepStrictEqual(told(live("atom-a-1", { consolidationNeeded: undefined })), [
      "unknown VM of node atom-a-1",
    ]);
  });

  it("are unknown where the devices of one with a snapshot cannot be read", () => {
    deepStrictEqual(
      told(live("atom-a-1", { hardware: undefined, snapshots: [snapshot("snapshot-1")] })),
      ["unknown VM of node atom-a-1"],
    );
    deepStrictEqual(told(live("atom-a-1", { hardware: undefined })), []);
  });
});
