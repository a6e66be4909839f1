import { deepStrictEqual, equal } from "node:assert/strict";

import { heldVolumes, observeHeldVolumes, observeVolumeNodes } from "../../drift/heldVolumes";
import { defaultVirtualMachines } from "../../planning/draftPoint";
import { MACHINES, siteOf } from "../support/sites";
import { VcenterError } from "../../clients/vcenter/error";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Vm } from "../../clients/vcenter/vms";
import { disk, hardware, snapshot, sound } from "../site/preflight/vmFixtures";

const site = siteOf({ virtualMachines: MACHINES });

function node(name: string, change: Partial<Vm>): Vm {
  const uuid = MACHINES.nodes.find((one) => one.name === name)?.uuid ?? "";
  return sound({ name: `k8s-${name}`, uuid, ...change });
}

const volume = hardware({ disks: [disk(), disk({ key: 2001, volume: "fcd-7" })] });
const independent = hardware({
  disks: [disk({ volume: "fcd-7", mode: "independent_persistent" })],
});
const one = [snapshot("s1")];

// What this cannot show: which disks a snapshot of a real vCenter has in it; all attached volumes are counted.
describe("volumes that VM snapshots hold", () => {
  it("are told by node, with the snapshots that have to go first", () => {
    deepStrictEqual(
      heldVolumes(site, [
        node("a-1", { hardware: volume, snapshots: one }),
        node("a-2", {
          hardware: volume,
          snapshots: [snapshot("s1"), snapshot("s2", { parent: "s1" })],
        }),
      ]),
      {
        state: "read",
        lines: [
          "volumes of node a-1 cannot be detached while snapshot name-s1 exists: fail-over of their pods waits",
          "volumes of node a-2 cannot be detached while snapshots name-s1 and name-s2 exist: fail-over of their pods waits",
        ],
      },
    );
  });

  it("are none without a snapshot, without a volume, with independent ones, and of machines that are no nodes", () => {
    deepStrictEqual(
      heldVolumes(site, [
        node("a-1", { hardware: volume }),
        node("a-2", { snapshots: one }),
        node("b-1", { hardware: independent, snapshots: one }),
        sound({ uuid: "foreign", hardware: volume, snapshots: one }),
      ]),
      { state: "read", lines: [] },
    );
  });

  it("are not said to be none where devices or vCenter cannot be read", async () => {
    deepStrictEqual(heldVolumes(site, [node("a-1", { hardware: undefined, snapshots: one })]), {
      state: "unknown",
      why: "The devices of k8s-a-1 cannot be read, so it is not known whether their snapshots hold volumes.",
    });
    deepStrictEqual(await observeHeldVolumes(site, { state: "unknown", why: "It is silent." }), {
      state: "unknown",
      why: "It is silent.",
    });
    const client = {
      vms: () => Promise.reject(new VcenterError("unreachable", "It went away.")),
    } as unknown as VcenterClient;
    deepStrictEqual(await observeHeldVolumes(site, { state: "open", client }), {
      state: "unknown",
      why: "It went away.",
    });
    deepStrictEqual(await observeVolumeNodes(site, { state: "open", client }), []);
  });

  it("are not asked for where the nodes are no VMs", async () => {
    deepStrictEqual(await observeHeldVolumes(siteOf(), { state: "notNeeded" }), {
      state: "notNeeded",
    });
  });
});

describe("the VMs of a new restore point, where nobody says", () => {
  it("are all, unless one has volumes attached, the backend attaches them, or there are none", () => {
    equal(defaultVirtualMachines(site, []), "all");
    equal(defaultVirtualMachines(site, ["a-1"]), "none");
    equal(defaultVirtualMachines({ ...site, backend: "vsphere-csi" }, []), "none");
    equal(defaultVirtualMachines(siteOf(), []), "none");
  });
});
