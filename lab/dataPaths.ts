import { createHash } from "node:crypto";
import * as os from "node:os";
import * as path from "node:path";
import type { LabPaths } from "./paths";

/** Folders and files of the services under `.lab/data`. */
export function dataPaths(paths: LabPaths) {
  const apiserver = path.join(paths.data, "apiserver");
  const vcenter = path.join(paths.data, "vcenter");
  return {
    etcd: path.join(paths.data, "etcd"),
    /** Shown and trusted by etcd and by its clients. */
    etcdCertificate: path.join(paths.data, "etcd.crt"),
    etcdKey: path.join(paths.data, "etcd.key"),
    apiserver,
    /** Made by the API server at its first start: its own certificate, then that of the CA. */
    serverCertificate: path.join(apiserver, "apiserver.crt"),
    serverKey: path.join(apiserver, "apiserver.key"),
    tokens: path.join(apiserver, "tokens.csv"),
    serviceAccountKey: path.join(apiserver, "service-account.key"),
    controllerManagerConfig: path.join(paths.data, "controller-manager.kubeconfig"),
    vcenter,
    inventory: path.join(vcenter, "inventory.json"),
    vcenterCertificate: path.join(vcenter, "tls.crt"),
    dataPlaneConfig: path.join(paths.data, "data-plane.kubeconfig"),
  };
}

/** Linux takes no longer path of a socket; one byte of it ends the text. */
const SOCKET_LENGTH = 100;

/** Folders and files of the data plane. */
export function storagePaths(paths: LabPaths) {
  const storage = path.join(paths.data, "storage");
  const socket = path.join(paths.run, "csi.sock");
  // A checkout may lie too deep for a socket in it.
  const name = createHash("sha256").update(paths.lab).digest("hex").slice(0, 16);
  return {
    /** Volumes and snapshots with their bytes. */
    storage,
    /** The nodes' own disks, as far as containers mount folders of them. */
    hosts: path.join(paths.data, "hosts"),
    /** Programs that containers find on their PATH. */
    tools: path.join(paths.data, "tools"),
    inventory: path.join(paths.data, "storage-nodes.json"),
    stages: path.join(paths.data, "kwok.yaml"),
    socket:
      socket.length <= SOCKET_LENGTH ? socket : path.join(os.tmpdir(), `atom-lab-${name}.sock`),
  };
}
