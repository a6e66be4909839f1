import { deepStrictEqual, equal, rejects } from "node:assert/strict";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { preflight } from "../../../site/preflight/preflight";
import { planSite } from "../../../planning";
import type { PointFile } from "../../../planning/site";
import { desiredOf } from "../../drift/fixtures";
import type { LabSystems, VmFixture } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const GIB = 1_073_741_824;

// What this cannot show: that vSphere itself refuses what is refused here; the simulator takes a snapshot of anything.
describe("the lab's machines", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(async () => {
    await lab.fixtures([]);
  });

  it("show their devices, disks, cards and Tools in the one run of the property collector", async () => {
    const volume = { file: "fcd/one.vmdk", bytes: 2 * GIB, volume: "fcd-1" };
    const raw = {
      file: "rdm.vmdk",
      bytes: GIB,
      raw: "physicalMode",
      mode: "independent_persistent",
    };
    await lab.fixtures([
      {
        vm: "atom-a-1",
        disks: [volume, raw],
        sharedBus: "physicalSharing",
        passthrough: true,
        freeBytes: 5 * GIB,
        tools: "guestToolsNotRunning",
        consolidationNeeded: true,
        attributes: { OWNER: "storage", LAST_BACKUP: "2030-11-26T01:02:03Z" },
      },
    ]);
    const { hardware, freeSpace, toolsRunning, ...others } = await lab.vm("atom-a-1");
    const { consolidationNeeded, attributes } = others;
    deepStrictEqual(Object.fromEntries(attributes), {
      OWNER: "storage",
      LAST_BACKUP: "2030-11-26T01:02:03Z",
    });
    deepStrictEqual(hardware, {
      memoryMb: 32,
      home: "datastore-a",
      disks: [
        {
          key: hardware?.disks[0]?.key,
          label: hardware?.disks[0]?.label,
          bytes: 1_048_576,
          datastore: "datastore-a",
          file: "atom-a-1/disk1.vmdk",
          mode: hardware?.disks[0]?.mode,
        },
        {
          key: 3002,
          label: "Hard disk 2",
          bytes: 2 * GIB,
          datastore: "datastore-a",
          file: "fcd/one.vmdk",
          mode: "persistent",
          volume: "fcd-1",
        },
        {
          key: 3003,
          label: "Hard disk 3",
          bytes: GIB,
          datastore: "datastore-a",
          file: "rdm.vmdk",
          mode: "independent_persistent",
          raw: "physicalMode",
        },
      ],
      nics: [{ label: "Network adapter 1", mac: "00:50:56:00:00:a1", network: "VM Network" }],
      sharedBuses: hardware?.sharedBuses,
      passthrough: ["PCI device 0"],
    });
    equal(hardware.sharedBuses.length, 1);
    deepStrictEqual(freeSpace, [{ datastore: "datastore-a", freeBytes: 5 * GIB }]);
    equal(toolsRunning, false);
    equal(consolidationNeeded, true);
  });

  it("are what they were when the fixtures go, and unknown ones are refused", async () => {
    await lab.fixtures([{ vm: "atom-a-1", power: "poweredOff", freeBytes: 1 }]);
    equal((await lab.vm("atom-a-1")).powerState, "poweredOff");
    await lab.fixtures([]);
    const { powerState, consolidationNeeded, hardware, attributes } = await lab.vm("atom-a-1");
    deepStrictEqual([...attributes], []);
    deepStrictEqual(
      [powerState, consolidationNeeded, hardware?.disks.length],
      ["poweredOn", false, 1],
    );
    await rejects(lab.fixtures([{ vm: "atom-z" }]), /fixture 0: there is no machine "atom-z"/);
  });

  /** Findings for the lab's point, `check object` each. */
  async function findings(
    vms: readonly VmFixture[],
    change: Partial<PointFile> = {},
  ): Promise<string[]> {
    await lab.fixtures(vms);
    const site = parseSite(readConfiguration("lab").raw);
    const restorePoints = site.restorePoints.map((point) => ({ ...point, ...change }));
    const found = await preflight({
      plan: planSite({ ...site, restorePoints }),
      desired: desiredOf([]),
      ...lab.access,
      noPassword: undefined,
      now: new Date("2026-11-23T12:00:00Z"),
    });
    return found
      .filter(({ severity }) => severity !== "notObserved")
      .map(({ severity, check, object }) => `${severity} ${check} ${object}`);
  }

  const vm = "atom-a-1";
  const node = "virtual machine of node atom-a-1";
  const file = "data.vmdk";
  const played: readonly (readonly [VmFixture, Partial<PointFile>, readonly string[]])[] = [
    [{ vm }, {}, []],
    [
      { vm, disks: [{ file: "fcd/x.vmdk", bytes: 1024 }] },
      {},
      [`error vm-snapshot-locks-volumes ${node}`],
    ],
    [
      { vm, disks: [{ file, bytes: 1024, raw: "physicalMode" }] },
      {},
      [`error vm-raw-disk ${node}`],
    ],
    [
      { vm, disks: [{ file, bytes: 1024, mode: "independent_persistent" }] },
      {},
      [`warning vm-independent-disk ${node}`],
    ],
    [{ vm, sharedBus: "virtualSharing" }, {}, [`error vm-bus-sharing ${node}`]],
    [{ vm, passthrough: true }, {}, [`error vm-passthrough ${node}`]],
    [{ vm, consolidationNeeded: true }, {}, [`error vm-consolidation ${node}`]],
    [{ vm, tools: "guestToolsNotRunning" }, { quiesce: true }, [`error vm-tools ${node}`]],
    [{ vm, freeBytes: 1024 }, {}, ["error vm-datastore-space datastore datastore-a"]],
  ];
  it("are each refused for what it has, before anything is touched", async () => {
    for (const [fixture, change, expected] of played) {
      deepStrictEqual(await findings([fixture], change), expected, JSON.stringify(fixture));
    }
    deepStrictEqual(await lab.snapshots(), []);
  });

  it("are taken with a stopped product while they run only where the point has volumes", async () => {
    const stopped = { virtualMachines: ["atom-a-1"], consistency: "stopped" } as const;
    deepStrictEqual(await findings([], { ...stopped, volumes: true }), []);
    deepStrictEqual(await findings([], { ...stopped, volumes: false }), [`error vm-power ${node}`]);
    deepStrictEqual(
      await findings([{ vm, power: "poweredOff" }], { ...stopped, volumes: false }),
      [],
    );
  });
});
