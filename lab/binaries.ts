import * as fs from "node:fs";
import * as path from "node:path";
import type { Environment } from "./cache";
import { cacheRoot, versionHash } from "./cache";
import { LabError } from "./error";

/** The two halves of the lab. */
export type LabPart = "cluster" | "vcenter";

/** A program of the lab and how Go makes it. */
export interface Binary {
  readonly name: string;
  readonly part: LabPart;
  /** Folder under lab/ with the go.mod that pins it. */
  readonly module: "controlplane" | "vcenter";
  readonly package: string;
}

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
];

/** Folder beside the binaries with the snapshot CRDs. */
export const CRD_FOLDER = "crds";

/** Where the binaries lie or will lie. */
export interface BinaryPlace {
  readonly dir: string;
  /** Whether the person brought them (`ATOM_LAB_BIN`), so that nothing is built there. */
  readonly brought: boolean;
}

/** `$ATOM_LAB_BIN` if set, else the folder of this version in the cache. */
export function binaryPlace(project: string, env: Environment): BinaryPlace {
  const brought = env["ATOM_LAB_BIN"];
  if (brought !== undefined && brought !== "") {
    return { dir: path.resolve(brought), brought: true };
  }
  return { dir: path.join(cacheRoot(env), versionHash(project)), brought: false };
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What of the needed parts is not there yet. */
export function missing(
  dir: string,
  need: readonly LabPart[],
): { readonly binaries: readonly Binary[]; readonly crds: boolean } {
  return {
    binaries: BINARIES.filter(
      (binary) => need.includes(binary.part) && !isProgram(path.join(dir, binary.name)),
    ),
    crds: need.includes("cluster") && crdFiles(dir).length === 0,
  };
}

/** Files of the snapshot CRDs, by path, in a fixed order. */
export function crdFiles(dir: string): string[] {
  const folder = path.join(dir, CRD_FOLDER);
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
  const lack = missing(place.dir, need);
  const names = lack.binaries.map((binary) => binary.name);
  if (lack.crds) {
    names.push(`${CRD_FOLDER}/*.yaml`);
  }
  if (names.length > 0) {
    throw new LabError(
      `ATOM_LAB_BIN=${place.dir} lacks ${names.join(", ")}. Put them there, or unset ATOM_LAB_BIN to have them built.`,
    );
  }
}
