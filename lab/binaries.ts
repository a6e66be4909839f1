import * as fs from "node:fs";
import * as path from "node:path";
import type { Environment } from "./cache";
import { moduleHash, ownCacheRoot } from "./cache";
import { isIntact } from "./checksums";
import { LabError } from "./error";

/**
 * The parts of the lab: control plane, vCenter simulator, the data plane (the CSI driver with its sidecars, and what
 * schedules and plays pods), which needs the control plane, and the engine (the Pulumi CLI with its plugins), which
 * is built only and runs with each command. Velero and promtool are for tests alone: built, and run by them.
 */
export type LabPart = "cluster" | "vcenter" | "data" | "engine" | "velero" | "promtool";

/**
 * Folders under lab/ whose programs are built into one folder of the cache. Each has a go.mod, or has folders with one
 * each, because modules that need different versions of the same library are apart.
 */
export const MODULES = [
  "vcenter",
  "controlplane",
  "storage",
  "sidecars",
  "provisioner",
  "engine",
  "velero",
  "prometheus",
] as const;
export type Module = (typeof MODULES)[number];

/** A program of the lab and how Go makes it. */
export interface Binary {
  readonly name: string;
  readonly part: LabPart;
  readonly module: Module;
  /** Folder below that of the module with the go.mod that pins it; default the module's own. */
  readonly folder?: string;
  readonly package: string;
  /** Build tag; default none. */
  readonly tag?: string;
}

/** Path of the folder with the go.mod of a program, relative to lab/. */
export function goFolder({ module, folder = "" }: Binary): string {
  return path.join(module, folder);
}

const SNAPSHOTTER = "github.com/kubernetes-csi/external-snapshotter/v8/cmd";

/** All programs of the lab; the small ones come first, so that something is ready soon. */
export const BINARIES: readonly Binary[] = [
  { name: "vcenter", part: "vcenter", module: "vcenter", package: "." },
  {
    name: "etcd",
    part: "cluster",
    module: "controlplane",
    package: "go.etcd.io/etcd/server/v3",
  },
  {
    name: "kube-apiserver",
    part: "cluster",
    module: "controlplane",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
  },
  {
    name: "kube-controller-manager",
    part: "cluster",
    module: "controlplane",
    package: "k8s.io/kubernetes/cmd/kube-controller-manager",
  },
  { name: "etcdctl", part: "data", module: "controlplane", package: "go.etcd.io/etcd/etcdctl/v3" },
  { name: "etcdutl", part: "data", module: "controlplane", package: "go.etcd.io/etcd/etcdutl/v3" },
  {
    name: "kube-scheduler",
    part: "data",
    module: "controlplane",
    package: "k8s.io/kubernetes/cmd/kube-scheduler",
  },
  { name: "lab-csi", part: "data", module: "storage", package: "./cmd/lab-csi" },
  { name: "lab-runner", part: "data", module: "storage", package: "./cmd/lab-runner" },
  {
    name: "snapshot-controller",
    part: "data",
    module: "sidecars",
    package: `${SNAPSHOTTER}/snapshot-controller`,
  },
  {
    name: "csi-snapshotter",
    part: "data",
    module: "sidecars",
    package: `${SNAPSHOTTER}/csi-snapshotter`,
  },
  {
    name: "csi-attacher",
    part: "data",
    module: "sidecars",
    package: "github.com/kubernetes-csi/external-attacher/v4/cmd/csi-attacher",
  },
  { name: "kwok", part: "data", module: "sidecars", package: "sigs.k8s.io/kwok/cmd/kwok" },
  {
    name: "csi-provisioner",
    part: "data",
    module: "provisioner",
    package: "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner",
  },
  // The names and the common folder are those by which the engine finds its plugins.
  {
    name: "pulumi-language-nodejs",
    part: "engine",
    module: "engine",
    folder: "pulumi",
    package: "./language-nodejs",
  },
  {
    name: "pulumi-resource-vsphere",
    part: "engine",
    module: "engine",
    folder: "pulumi",
    package: "./resource-vsphere",
  },
  {
    name: "pulumi",
    part: "engine",
    module: "engine",
    folder: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  },
  {
    name: "pulumi-resource-kubernetes",
    part: "engine",
    module: "engine",
    folder: "kubernetes",
    package: ".",
  },
  {
    name: "promtool",
    part: "promtool",
    module: "prometheus",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    // Without the clients of all clouds, of which one alone takes minutes to compile.
    tag: "remove_all_sd",
  },
  {
    name: "gofakes3",
    part: "velero",
    module: "velero",
    package: "github.com/johannesboyne/gofakes3/cmd/gofakes3",
  },
  {
    name: "velero-plugin-for-aws",
    part: "velero",
    module: "velero",
    package: "github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws",
  },
  {
    name: "velero",
    part: "velero",
    module: "velero",
    package: "github.com/vmware-tanzu/velero/cmd/velero",
  },
];

/** Folder beside the binaries of the control plane with the snapshot CRDs. */
export const CRD_FOLDER = "crds";

/** Where the binaries lie or will lie. */
export interface BinaryPlace {
  /** Folder of the binaries of each module. */
  readonly dirs: Readonly<Record<Module, string>>;
  /** Whether the person brought them (`ATOM_LAB_BIN`), so that nothing is built there. */
  readonly brought: boolean;
}

/**
 * `$ATOM_LAB_BIN` for all modules if set, else a folder of this version of each module in the cache.
 * @throws LabError if others may have put something into the cache.
 */
export function binaryPlace(project: string, env: Environment): BinaryPlace {
  const brought = env["ATOM_LAB_BIN"];
  const folder = (of: (module: Module) => string): BinaryPlace["dirs"] =>
    Object.fromEntries(MODULES.map((module) => [module, of(module)])) as Record<Module, string>;
  if (brought !== undefined && brought !== "") {
    return { dirs: folder(() => path.resolve(brought)), brought: true };
  }
  const cache = ownCacheRoot(env);
  const versioned = (module: Module): string =>
    path.join(cache, `${module}-${moduleHash(project, module)}`);
  return { dirs: folder(versioned), brought: false };
}

/** File of a program of the lab. */
export function programFile(place: BinaryPlace, name: string): string {
  const binary = BINARIES.find((one) => one.name === name);
  if (binary === undefined) {
    throw new Error(`the lab has no program ${name}`);
  }
  return path.join(place.dirs[binary.module], name);
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What is not there. */
export interface Lack {
  readonly binaries: readonly Binary[];
  readonly crds: boolean;
}

/** What of the needed parts is not there yet, or not any more as it was built. */
export function missing(place: BinaryPlace, need: readonly LabPart[]): Lack {
  const isThere = (file: string): boolean => isProgram(file) && (place.brought || isIntact(file));
  return {
    binaries: BINARIES.filter(
      ({ name, part }) => need.includes(part) && !isThere(programFile(place, name)),
    ),
    crds: need.includes("cluster") && crdFiles(place).length === 0,
  };
}

/** Whether nothing of the needed parts is missing. */
export function isComplete(place: BinaryPlace, need: readonly LabPart[]): boolean {
  const lack = missing(place, need);
  return lack.binaries.length === 0 && !lack.crds;
}

/** Files of the snapshot CRDs, by path, in a fixed order. */
export function crdFiles(place: BinaryPlace): string[] {
  const folder = path.join(place.dirs.controlplane, CRD_FOLDER);
  return fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => /^.+_.+\.yaml$/.test(name))
        .sort()
        .map((name) => path.join(folder, name))
    : [];
}

/** @throws LabError if brought binaries are not complete. */
export function checkBrought(place: BinaryPlace, need: readonly LabPart[]): void {
  const lack = missing(place, need);
  const names = lack.binaries.map((binary) => binary.name);
  if (lack.crds) {
    names.push(`${CRD_FOLDER}/*.yaml`);
  }
  if (names.length > 0) {
    throw new LabError(
      `ATOM_LAB_BIN=${place.dirs.controlplane} lacks ${names.join(", ")}. Put them there, or unset ATOM_LAB_BIN to have them built.`,
    );
  }
}
