import { localName } from "./session";
import type { XmlNode } from "./xml";
import { child, children, textOf } from "./xml";

/** What a machine is made of, as far as snapshots depend on it. */
export interface Hardware {
  /** Memory in MiB. */
  readonly memoryMb: number;
  /** Datastore of the machine's own folder, where a snapshot's memory goes; empty when vCenter does not say. */
  readonly home: string;
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  /** Labels of controllers that share their bus with another machine. */
  readonly sharedBuses: readonly string[];
  /** Labels of devices of the host that are passed through to the machine. */
  readonly passthrough: readonly string[];
}

export interface Disk {
  /** vSphere's number of the device, e.g. 2000; it stays for the life of the disk. */
  readonly key: number;
  /** For example `Hard disk 1`. */
  readonly label: string;
  readonly bytes: number;
  readonly datastore: string;
  /** Path on the datastore; of a disk with snapshots the delta file of the moment. */
  readonly file: string;
  /** For example `persistent`, `independent_persistent`. */
  readonly mode: string;
  /** Compatibility mode of a raw device mapping; undefined for a virtual disk. */
  readonly raw: "physicalMode" | "virtualMode" | undefined;
  /** What tells that the disk is a volume of Kubernetes: the id of a First Class Disk, else its file. */
  readonly volume: string | undefined;
}

export interface Nic {
  /** For example `Network adapter 1`. */
  readonly label: string;
  /** Lower case. */
  readonly mac: string;
  /** Name of the network, or key of the distributed port group. */
  readonly network: string;
}

/** Datastore folders of volumes: of First Class Disks, and of the driver that was built into Kubernetes until 1.28. */
const VOLUME_FOLDERS = /^(?:fcd|kubevols)\//;

/** Whether snapshots of the machine leave the disk out. */
export function isIndependent({ mode }: Disk): boolean {
  return mode.startsWith("independent_");
}

/** Volumes of Kubernetes that a snapshot of the machine holds fast. */
export function volumeDisks({ disks }: Hardware): readonly Disk[] {
  return disks.filter((disk) => disk.volume !== undefined && !isIndependent(disk));
}

/** Reads `config.hardware.device`, an array of devices of many types. */
export function parseHardware(
  devices: XmlNode,
  { memoryMb, vmPath }: { readonly memoryMb: string; readonly vmPath: string },
): Hardware {
  const list = children(devices, "VirtualDevice");
  const labels = (chosen: (device: XmlNode) => boolean): string[] => list.filter(chosen).map(label);
  return {
    memoryMb: Number(memoryMb),
    home: splitPath(vmPath).datastore,
    disks: list.filter((device) => typeOf(device) === "VirtualDisk").map(parseDisk),
    nics: list.filter((device) => child(device, "macAddress") !== undefined).map(parseNic),
    sharedBuses: labels((device) => !["", "noSharing"].includes(textOf(device, "sharedBus"))),
    passthrough: labels(isPassedThrough),
  };
}

/** A virtual GPU is of the same type as a passed-through card, and takes snapshots. */
function isPassedThrough(device: XmlNode): boolean {
  const backing = typeOf(child(device, "backing"));
  return (
    typeOf(device) === "VirtualSriovEthernetCard" ||
    (typeOf(device) === "VirtualPCIPassthrough" &&
      backing !== "VirtualPCIPassthroughVmiopBackingInfo")
  );
}

function parseDisk(device: XmlNode): Disk {
  const backing = child(device, "backing");
  const { datastore, path } = splitPath(textOf(backing, "fileName"));
  const id = textOf(device, "vDiskId", "id");
  const bytes = textOf(device, "capacityInBytes");
  return {
    key: Number(textOf(device, "key")),
    label: label(device),
    bytes: bytes === "" ? Number(textOf(device, "capacityInKB")) * 1024 : Number(bytes),
    datastore,
    file: path,
    mode: textOf(backing, "diskMode"),
    raw: rawMode(backing),
    volume: id !== "" ? id : VOLUME_FOLDERS.test(path) ? path : undefined,
  };
}

function rawMode(backing: XmlNode): Disk["raw"] {
  const type = typeOf(backing);
  if (!/Raw/.test(type)) {
    return undefined;
  }
  // Whole raw disks have no mode; like a physical mapping they bypass what a snapshot needs.
  return textOf(backing, "compatibilityMode") === "virtualMode" ? "virtualMode" : "physicalMode";
}

function parseNic(device: XmlNode): Nic {
  const backing = child(device, "backing");
  const names = [
    textOf(backing, "deviceName"),
    textOf(backing, "port", "portgroupKey"),
    textOf(backing, "opaqueNetworkId"),
  ];
  return {
    label: label(device),
    mac: textOf(device, "macAddress").toLowerCase(),
    network: names.find((name) => name !== "") ?? "",
  };
}

function label(device: XmlNode): string {
  return textOf(device, "deviceInfo", "label");
}

function typeOf(node: XmlNode): string {
  return localName(textOf(child(node, "@type")));
}

/** `[store] folder/disk.vmdk`. */
function splitPath(file: string): { readonly datastore: string; readonly path: string } {
  const [, datastore = "", path = ""] = /^\[(.*?)\] ?(.*)$/s.exec(file) ?? [];
  return { datastore, path };
}
