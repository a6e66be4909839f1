import { deepStrictEqual } from "node:assert/strict";

import { isIndependent, parseHardware, volumeDisks } from "../../../clients/vcenter/hardware";
import type { XmlElement, XmlNode } from "../../../clients/vcenter/xml";

function device(type: string, label: string, more: XmlElement = {}): XmlNode {
  return { "@type": type, key: "1", deviceInfo: { label }, ...more };
}

function disk(label: string, file: string, more: XmlElement = {}, type = "FlatVer2"): XmlNode {
  const backing = {
    "@type": `vim25:VirtualDisk${type}BackingInfo`,
    fileName: `[store (1)] ${file}`,
    diskMode: "persistent",
  };
  return device("vim25:VirtualDisk", label, { capacityInKB: "1024", backing, ...more });
}

function read(...devices: readonly XmlNode[]): ReturnType<typeof parseHardware> {
  return parseHardware({ VirtualDevice: devices }, "2048", "[store (1)] a/a.vmx");
}

// What this cannot show: devices that a later vSphere adds; their types follow the API reference.
describe("the devices of a machine", () => {
  it("are none where it has none", () => {
    deepStrictEqual(parseHardware({}, "2048", ""), {
      memoryMb: 2048,
      home: "",
      disks: [],
      nics: [],
      sharedBuses: [],
      passthrough: [],
    });
  });

  it("include volumes by their id, or by the folder that volumes lie in", () => {
    const { home, disks } = read(
      disk("1", "a/a.vmdk"),
      disk("2", "fcd/0a1b.vmdk"),
      disk("3", "kubevols/claim.vmdk"),
      disk("4", "6cb1/8ac2.vmdk", { vDiskId: { id: "fcd-9" }, capacityInBytes: "2097153" }),
      disk("5", "a/fcd/mine.vmdk"),
    );
    deepStrictEqual(home, "store (1)");
    deepStrictEqual(
      disks.map(({ label, bytes, datastore, volume }) => [label, bytes, datastore, volume]),
      [
        ["1", 1_048_576, "store (1)", undefined],
        ["2", 1_048_576, "store (1)", "fcd/0a1b.vmdk"],
        ["3", 1_048_576, "store (1)", "kubevols/claim.vmdk"],
        ["4", 2_097_153, "store (1)", "fcd-9"],
        ["5", 1_048_576, "store (1)", undefined],
      ],
    );
  });

  it("hold no volume that is independent", () => {
    const backing = { fileName: "[s] fcd/x.vmdk", diskMode: "independent_persistent" };
    const hardware = read(disk("1", "", { backing }), disk("2", "fcd/y.vmdk"));
    deepStrictEqual(hardware.disks.map(isIndependent), [true, false]);
    deepStrictEqual(
      volumeDisks(hardware).map(({ label }) => label),
      ["2"],
    );
  });

  it("include raw disks, of which only virtual mappings can be snapshotted", () => {
    const mapped = (mode: string): XmlElement => ({
      backing: { "@type": "VirtualDiskRawDiskMappingVer1BackingInfo", compatibilityMode: mode },
    });
    deepStrictEqual(
      read(
        disk("1", "x", mapped("virtualMode")),
        disk("2", "x", mapped("physicalMode")),
        disk("3", "x", {}, "RawDiskVer2"),
        disk("4", "x", {}, "PartitionedRawDiskVer2"),
        disk("5", "x", {}, "SeSparse"),
      ).disks.map(({ raw }) => raw),
      ["virtualMode", "physicalMode", "physicalMode", "physicalMode", undefined],
    );
  });

  it("include network cards of all three kinds of network", () => {
    const card = (label: string, backing: XmlElement): XmlNode =>
      device("VirtualVmxnet3", label, { macAddress: "00:50:56:AB:00:01", backing });
    deepStrictEqual(
      read(
        card("1", { deviceName: "VM Network" }),
        card("2", { port: { switchUuid: "u", portgroupKey: "dvportgroup-7" } }),
        card("3", { opaqueNetworkId: "nsx-1" }),
      ).nics,
      [
        { label: "1", mac: "00:50:56:ab:00:01", network: "VM Network" },
        { label: "2", mac: "00:50:56:ab:00:01", network: "dvportgroup-7" },
        { label: "3", mac: "00:50:56:ab:00:01", network: "nsx-1" },
      ],
    );
  });

  it("include controllers that share their bus, and devices of the host, but no virtual GPU", () => {
    const gpu = { backing: { "@type": "VirtualPCIPassthroughVmiopBackingInfo" } };
    const card = { backing: { "@type": "VirtualPCIPassthroughDeviceBackingInfo" } };
    const { sharedBuses, passthrough } = read(
      device("ParaVirtualSCSIController", "SCSI 0", { sharedBus: "noSharing" }),
      device("ParaVirtualSCSIController", "SCSI 1", { sharedBus: "virtualSharing" }),
      device("VirtualNVMEController", "NVME 0", { sharedBus: "physicalSharing" }),
      device("VirtualPCIPassthrough", "PCI 0", card),
      device("VirtualPCIPassthrough", "PCI 1", gpu),
      device("VirtualSriovEthernetCard", "Network 1", { macAddress: "00:50:56:00:00:01" }),
    );
    deepStrictEqual(sharedBuses, ["SCSI 1", "NVME 0"]);
    deepStrictEqual(passthrough, ["PCI 0", "Network 1"]);
  });
});
