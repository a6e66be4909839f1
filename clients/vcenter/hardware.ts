import type { DiskRecord, NicRecord } from "../../planning/pointRecord";
import { localName } from "./session";
import type { XmlNode } from "./xml";
import { child, children, textOf } from "./xml";

/** What a machine is made of, as far as snapshots depend on it. */
export interface Hardware {
  /** Memory in MiB. */
  readonly memoryMb: number;
  /** Datastore of the machine's own folder, where a snapshot's memory goes; empty when vCenter does not say. */
  readonly home: string;
  /** With the delta files of the moment where there are snapshots. */
  readonly disks: readonly DiskRecord[];
  readonly nics: readonly NicRecord[];
  /** Labels of controllers that share their bus with another machine. */
  readonly sharedBuses: readonly string[];
  /** Labels of devices of the host that are passed through to the machine. */
  readonly passthrough: readonly string[];
}

/** Datastore folders of volumes: of First Class Disks, and of the driver that was built into Kubernetes until 1.28. */
const VOLUME_FOLDERS = /^(?:fcd|kubevols)\//;

/** Whether snapshots of the machine leave the disk out. */
export function isIndependent({ mode }: DiskRecord): boolean {
  return mode.startsWith("independent_");
}

/** Volumes of Kubernetes that a snapshot of the machine holds fast. */
export function volumeDisks({ disks }: Hardware): readonly DiskRecord[] {
  return disks.filter((disk) => disk.volume !== undefined && !isIndependent(disk));
}

/** Reads `config.hardware.device`, an array of devices of many types. */
export function parseHardware(devices: XmlNode, memoryMb: string, vmPath: string): Hardware {
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

function parseDisk(device: XmlNode): DiskRecord {
  const backing = child(device, "backing");
  const { datastore, path } = splitPath(textOf(backing, "fileName"));
  const id = textOf(device, "vDiskId", "id");
  const bytes = textOf(device, "capacityInBytes");
  const raw = rawMode(backing);
  const volume = id !== "" ? id : VOLUME_FOLDERS.test(path) ? path : undefined;
  return {
    key: Number(textOf(device, "key")),
    label: label(device),
    bytes: bytes === "" ? Number(textOf(device, "capacityInKB")) * 1024 : Number(bytes),
    datastore,
    file: path,
    mode: textOf(backing, "diskMode"),
    ...(raw === undefined ? {} : { raw }),
    ...(volume === undefined ? {} : { volume }),
  };
}

function rawMode(backing: XmlNode): DiskRecord["raw"] {
  const type = typeOf(backing);
  if (!/Raw/.test(type)) {
    return undefined;
  }
  // Whole raw disks have no mode; like a physical mapping they bypass what a snapshot needs.
  return textOf(backing, "compatibilityMode") === "virtualMode" ? "virtualMode" : "physicalMode";
}

function parseNic(device: XmlNode): NicRecord {
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
