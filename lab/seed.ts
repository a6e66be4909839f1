import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabApi } from "./api";
import type { BinaryPlace } from "./binaries";
import { crdFiles } from "./binaries";
import { clusterObjects, nodeStatuses, type Applied } from "./clusterObjects";
import { LabError } from "./error";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Puts CRDs, nodes and the driver's objects into the cluster; done again it changes nothing. */
export async function seedCluster(api: LabApi, binaries: BinaryPlace): Promise<void> {
  const crds = crdFiles(binaries).map((file) => ({ name: crdName(file), file }));
  await Promise.all(
    crds.map(({ name, file }) => api.apply(`${CRDS}/${name}`, fs.readFileSync(file, "utf8"))),
  );
  await applyAll(api, clusterObjects());
  await applyAll(api, nodeStatuses());
  await Promise.all(crds.map(({ name }) => served(api, name)));
}

/** Applies objects that do not need one another, all at once. */
export async function applyAll(api: LabApi, objects: readonly Applied[]): Promise<void> {
  await Promise.all(objects.map(({ path: at, object }) => api.apply(at, JSON.stringify(object))));
}

/** The files are named `<group>_<plural>.yaml`, the objects `<plural>.<group>`. */
function crdName(file: string): string {
  const [group, plural] = path.basename(file, ".yaml").split("_");
  return `${plural}.${group}`;
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

/** How long the API server may take to serve what it was given, in milliseconds. */
const SERVED_MS = 20_000;

/** Waits until the server serves the kind: for a moment after it is established it still answers 429. */
export async function served(api: LabApi, name: string): Promise<void> {
  const { spec } = JSON.parse((await api.get(`${CRDS}/${name}`)).text) as Definition;
  const version = spec.versions.find(({ storage }) => storage)?.name;
  const end = Date.now() + SERVED_MS;
  for (;;) {
    const { status } = await api.get(`/apis/${spec.group}/${version}/${spec.names.plural}?limit=1`);
    if (status === 200) {
      return;
    }
    if (Date.now() > end) {
      throw new LabError(
        `The lab's API server does not serve ${name} in time (${status}). Run the command again.`,
      );
    }
    await sleep(50);
  }
}

/** UID of the namespace kube-system, which identifies a cluster. */
export async function clusterUid(api: LabApi): Promise<string> {
  const end = Date.now() + SERVED_MS;
  for (;;) {
    const { status, text } = await api.get("/api/v1/namespaces/kube-system");
    if (status === 200) {
      return (JSON.parse(text) as { metadata: { uid: string } }).metadata.uid;
    }
    if (Date.now() > end) {
      throw new LabError(`The lab's API server has no namespace kube-system (${status}).`);
    }
    await sleep(50);
  }
}
