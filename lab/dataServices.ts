import { PLAYED_BY_KWOK, PLAYED_LABEL } from "./clusterObjects";
import { dataPaths, storagePaths } from "./dataPaths";
import type { LabPaths } from "./paths";
import type { DataPorts } from "./record";
import type { Service } from "./service";

/** For finding the services by their folders alone. */
export const NO_DATA_PORTS: DataPorts = {
  csi: 0,
  provisioner: 0,
  attacher: 0,
  snapshotter: 0,
  snapshotController: 0,
  kwok: 0,
  scheduler: 0,
  runner: 0,
};

type Described = Pick<Service, "name" | "args" | "health"> & Partial<Service>;

/** The services of the data plane in the order in which they are started: the driver before its sidecars. */
export function dataServices(paths: LabPaths, ports: DataPorts): readonly Service[] {
  const files = storagePaths(paths);
  const { dataPlaneConfig } = dataPaths(paths);
  const kubeconfig = `--kubeconfig=${dataPlaneConfig}`;
  const storage = `-data=${files.storage}`;
  const service = (port: number, described: Described): Service => ({
    part: "data",
    binary: described.name,
    env: {},
    ports: [port],
    marker: kubeconfig,
    startLimitMs: 60_000,
    graceMs: 1500,
    after: undefined,
    ...described,
  });
  const controller = (name: string, port: number, args: readonly string[]): Described => ({
    name,
    args: [kubeconfig, `--http-endpoint=127.0.0.1:${port}`, ...BRISK, ...args],
    health: `http://127.0.0.1:${port}/metrics`,
  });
  const sidecar = (name: string, port: number, args: readonly string[]): Service =>
    service(port, {
      ...controller(name, port, [`--csi-address=${files.socket}`, ...args]),
      // A sidecar ends by itself when it has lost its driver, but not at once.
      after: "lab-csi",
    });
  return [
    service(ports.csi, {
      name: "lab-csi",
      args: [
        storage,
        `-endpoint=unix://${files.socket}`,
        `-inventory=${files.inventory}`,
        `-listen=127.0.0.1:${ports.csi}`,
      ],
      marker: storage,
      health: `http://127.0.0.1:${ports.csi}/health`,
      // Asked to end, it finishes what it copies.
      graceMs: 3000,
    }),
    sidecar("csi-provisioner", ports.provisioner, [
      "--feature-gates=Topology=true",
      // Gives the driver the names of claim and namespace.
      "--extra-create-metadata",
      "--default-fstype=ext4",
    ]),
    sidecar("csi-attacher", ports.attacher, ["--default-fstype=ext4"]),
    sidecar("csi-snapshotter", ports.snapshotter, ["--extra-create-metadata", GROUPS]),
    service(
      ports.snapshotController,
      controller("snapshot-controller", ports.snapshotController, [GROUPS]),
    ),
    service(ports.scheduler, {
      name: "kube-scheduler",
      args: [
        kubeconfig,
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        `--secure-port=${ports.scheduler}`,
        ...BRISK,
      ],
      health: `https://127.0.0.1:${ports.scheduler}/healthz`,
    }),
    service(ports.kwok, {
      name: "kwok",
      args: [
        kubeconfig,
        `--config=${files.stages}`,
        `--manage-nodes-with-label-selector=${PLAYED_LABEL}=${PLAYED_BY_KWOK}`,
        // Leases are for those who watch over nodes, and here nobody does.
        "--node-lease-duration-seconds=0",
        `--server-address=127.0.0.1:${ports.kwok}`,
      ],
      // It looks for a configuration of the person in the home folder.
      env: { HOME: paths.data },
      health: `http://127.0.0.1:${ports.kwok}/healthz`,
    }),
    service(ports.runner, {
      name: "lab-runner",
      args: [
        storage,
        `-kubeconfig=${dataPlaneConfig}`,
        `-hosts=${files.hosts}`,
        `-path=${files.tools}`,
        `-listen=127.0.0.1:${ports.runner}`,
      ],
      marker: storage,
      health: `http://127.0.0.1:${ports.runner}/health`,
      // Asked to end, it ends its containers.
      graceMs: 3000,
    }),
  ];
}

/** The usual five calls a second would make two hundred snapshots take a minute. */
const BRISK = ["--kube-api-qps=200", "--kube-api-burst=400"];

const GROUPS = "--feature-gates=CSIVolumeGroupSnapshot=true";
