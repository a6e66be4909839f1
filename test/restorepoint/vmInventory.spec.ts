import { deepStrictEqual } from "node:assert/strict";

import { vmInventory } from "../../restorepoint/take/vmSnapshots";
import { disk, GIB, hardware, sound } from "../site/preflight/vmFixtures";

const at = "2026-11-23T12:00:00Z";

const recorded = vmInventory("a1", sound({ host: "esx-1" }), at);

describe("the inventory of a VM", () => {
  it("has its disks, its network cards, its power state and its host", () => {
    deepStrictEqual(recorded, {
      node: "a1",
      uuid: sound().uuid,
      reference: "vm-a1",
      name: "k8s-a1",
      at,
      powerState: "poweredOn",
      host: "esx-1",
      memoryMb: 16_384,
      disks: [
        {
          key: 2000,
          label: "Hard disk 1",
          bytes: 100 * GIB,
          datastore: "store",
          file: "k8s-a1/disk1.vmdk",
          mode: "persistent",
        },
      ],
      nics: [{ label: "Network adapter 1", mac: "00:50:56:00:00:a1", network: "VM Network" }],
    });
  });

  it("names the base of a disk, whichever delta is written to", () => {
    const disks = [disk({ file: "k8s-a1/disk1-000002.vmdk" })];
    const { disks: found } = vmInventory("a1", sound({ hardware: hardware({ disks }) }), at);
    deepStrictEqual(found[0]?.file, "k8s-a1/disk1.vmdk");
  });
});
