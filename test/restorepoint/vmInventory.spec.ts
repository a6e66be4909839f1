import { deepStrictEqual } from "node:assert/strict";

import type { VmRecord } from "../../planning/pointRecord";
import { compareInventory, vmInventory } from "../../restorepoint/vmInventory";
import { disk, GIB, hardware, sound } from "../site/preflight/vmFixtures";

const at = "2026-11-23T12:00:00Z";

const recorded = vmInventory("a1", sound({ host: "esx-1" }), at);

function changed(change: Partial<VmRecord>): VmRecord {
  return { ...recorded, ...change };
}

// What this cannot show: what vSphere does to the devices of a VM that is reverted.
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

  const [first] = recorded.disks;
  const [card] = recorded.nics;
  const second = { ...recorded.disks[0], key: 2001, label: "Hard disk 2", file: "fcd/x.vmdk" };
  const cases: readonly (readonly [string, VmRecord, readonly string[]])[] = [
    ["is the same", recorded, []],
    [
      "is the same on another host, switched off",
      changed({ host: "esx-2", powerState: "poweredOff", at: "2026-11-24T12:00:00Z" }),
      [],
    ],
    [
      "shows more or less memory",
      changed({ memoryMb: 8192 }),
      ["k8s-a1: its memory was 16384 MiB and is 8192 MiB."],
    ],
    [
      "shows a disk that is gone",
      changed({ disks: [] }),
      ["k8s-a1: Hard disk 1 ([store] k8s-a1/disk1.vmdk) is gone."],
    ],
    [
      "shows a disk that is new, a volume say",
      changed({
        disks: [...recorded.disks, { ...(first ?? never()), ...second, volume: "fcd-7" }],
      }),
      ["k8s-a1: Hard disk 2 ([store] fcd/x.vmdk, volume fcd-7) was not there when it was taken."],
    ],
    [
      "shows another size, file and mode of a disk",
      changed({
        disks: [
          { ...(first ?? never()), bytes: GIB, datastore: "other", mode: "independent_persistent" },
        ],
      }),
      [
        "k8s-a1: Hard disk 1, its size, was 107374182400 bytes and is 1073741824 bytes.",
        "k8s-a1: Hard disk 1, its file, was [store] k8s-a1/disk1.vmdk and is [other] k8s-a1/disk1.vmdk.",
        "k8s-a1: Hard disk 1, its mode, was persistent and is independent_persistent.",
      ],
    ],
    [
      "shows another address and network of a card",
      changed({ nics: [{ ...(card ?? never()), mac: "00:50:56:00:00:b1", network: "Other" }] }),
      [
        "k8s-a1: Network adapter 1, its address, was 00:50:56:00:00:a1 and is 00:50:56:00:00:b1.",
        "k8s-a1: Network adapter 1, its network, was VM Network and is Other.",
      ],
    ],
    [
      "shows cards that came and went",
      changed({ nics: [{ ...(card ?? never()), label: "Network adapter 2" }] }),
      [
        "k8s-a1: Network adapter 1 (00:50:56:00:00:a1) is gone.",
        "k8s-a1: Network adapter 2 (00:50:56:00:00:a1) was not there when it was taken.",
      ],
    ],
    [
      "says nothing of what could not be read",
      vmInventory("a1", sound({ hardware: undefined }), at),
      [
        "k8s-a1: its devices could not be read now, so it cannot be told whether they are the same.",
      ],
    ],
  ];
  for (const [title, after, expected] of cases) {
    it(`compared with what it was, ${title}`, () => {
      deepStrictEqual(compareInventory(recorded, after), expected);
    });
  }

  it("that was not read at the cut compares with nothing", () => {
    const before = vmInventory("a1", sound({ hardware: undefined }), at);
    deepStrictEqual(compareInventory(before, recorded), [
      "k8s-a1: its devices could not be read when it was taken, so it cannot be told whether they are the same.",
    ]);
  });
});

function never(): never {
  throw new Error("the fixture has a disk and a card");
}
