import type { Named } from "../../clients/vcenter/vms";
import { cloneMark, imageName } from "../../planning/nodeImages";
import { emptyRecord, type PointRecord } from "../../planning/pointRecord";

/** Stack of `siteOf`. */
const STACK = "north";

/** A run that made an image of each of some nodes, whose VMs have the UUID, card and disks that follow from their place. */
export function imageRun(name: string, nodes: readonly string[], at: string): PointRecord {
  const cycle = { name: "clones", start: at, takes: "images", owner: "Ada" } as const;
  const empty = { release: "none", state: "ready", consistency: "crash", volumes: [] } as const;
  return {
    ...emptyRecord({ ...empty, name, stack: STACK, expires: at, cycle }),
    takenAt: at,
    vms: nodes.map((node, index) => ({
      ...{ node, at, name: node, reference: `vm-${index}`, powerState: "poweredOn" },
      ...{ uuid: uuidOf(index), host: "esx-1", memoryMb: 32 },
      disks: [
        {
          key: 2000,
          label: "Hard disk 1",
          bytes: 1024,
          datastore: "d",
          file: "a",
          mode: "persistent",
        },
        {
          key: 2001,
          label: "Hard disk 2",
          bytes: 2048,
          datastore: "d",
          file: "fcd/b",
          mode: "persistent",
        },
      ],
      nics: [{ label: "Network adapter 1", mac: "00:50:56:00:00:01", network: "net" }],
    })),
    images: nodes.map((node) => ({
      ...{ node, name: imageName(STACK, name, node), reference: `${name} ${node}` },
      ...{ datastore: "store", folder: "group-1", pool: "resgroup-1", cpus: 4 },
      ...{ without: ["Hard disk 2"], labels: { zone: "a" } },
    })),
  };
}

export function uuidOf(index: number): string {
  return `42100000-0000-4000-8000-00000000000${index}`;
}

/** The clone that such a run made, as vCenter has it. */
export function template(run: string, node: string): Named {
  const annotation = cloneMark(STACK, run, node, "image");
  return {
    reference: `${run} ${node}`,
    name: imageName(STACK, run, node),
    annotation,
    isTemplate: true,
  };
}
