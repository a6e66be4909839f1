import { count, list, oneOf, optional, shape, text, time, type Decoder } from "./decode";
import type { DiskRecord, VmRecord, NicRecord } from "./types";

/** Reads a node's virtual machine as a catalogue has it. */
export const vmRecord: Decoder<VmRecord> = shape<VmRecord>({
  node: text,
  uuid: text,
  reference: text,
  name: text,
  at: time,
  powerState: text,
  host: optional(text),
  memoryMb: optional(count),
  disks: list(
    shape<DiskRecord>({
      key: count,
      label: text,
      bytes: count,
      datastore: text,
      file: text,
      mode: text,
      raw: optional(oneOf("physicalMode", "virtualMode")),
      volume: optional(text),
    }),
  ),
  nics: list(shape<NicRecord>({ label: text, mac: text, network: text })),
});
