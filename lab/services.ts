import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "./credentials";
import { dataPaths } from "./dataPaths";
import { dataServices } from "./dataServices";
import type { LabPaths } from "./paths";
import type { LabPorts } from "./record";
import type { Service } from "./service";

/** Volumes, workloads and clean-up: what the lab plays of a cluster's life. Nobody watches over its nodes. */
const CONTROLLERS = [
  "persistentvolume-binder-controller",
  "persistentvolume-attach-detach-controller",
  "persistentvolume-expander-controller",
  "persistentvolume-protection-controller",
  "persistentvolumeclaim-protection-controller",
  "volumeattributesclass-protection-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "statefulset-controller",
  "deployment-controller",
  "replicaset-controller",
  "daemonset-controller",
  "job-controller",
  "cronjob-controller",
  "ttl-after-finished-controller",
  "pod-garbage-collector-controller",
  "resourcequota-controller",
  "ephemeral-volume-controller",
];

/** The services in the order in which they are started. */
export function labServices(paths: LabPaths, ports: LabPorts): readonly Service[] {
  return [
    etcd(paths, ports),
    apiserver(paths, ports),
    controllerManager(paths, ports),
    vcenter(paths, ports),
    ...(ports.data === undefined ? [] : dataServices(paths, ports.data)),
  ];
}

function etcd(paths: LabPaths, ports: LabPorts): Service {
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  const { etcd: folder, etcdCertificate, etcdKey } = dataPaths(paths);
  const marker = `--data-dir=${folder}`;
  return {
    name: "etcd",
    part: "cluster",
    binary: "etcd",
    args: [
      marker,
      "--name=lab",
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=lab=${peer}`,
      // Whoever may write to etcd may do anything in the cluster: only those who can read the key get in.
      ...["", "peer-"].flatMap((kind) => [
        `--${kind}cert-file=${etcdCertificate}`,
        `--${kind}key-file=${etcdKey}`,
        `--${kind}trusted-ca-file=${etcdCertificate}`,
        `--${kind}client-cert-auth`,
      ]),
      "--auto-compaction-mode=periodic",
      "--auto-compaction-retention=1h",
      "--log-level=warn",
      // A killed process loses nothing by this; only a machine that loses its power may.
      "--unsafe-no-fsync",
    ],
    env: {},
    ports: [ports.etcd, ports.etcdPeer],
    marker,
    health: `${client}/health`,
    identity: { certificate: etcdCertificate, key: etcdKey },
    startLimitMs: 30_000,
    graceMs: 1500,
    after: undefined,
  };
}

function apiserver(paths: LabPaths, ports: LabPorts): Service {
  const data = dataPaths(paths);
  const url = `https://127.0.0.1:${ports.apiserver}`;
  const marker = `--cert-dir=${data.apiserver}`;
  return {
    name: "kube-apiserver",
    part: "cluster",
    binary: "kube-apiserver",
    args: [
      marker,
      `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
      `--etcd-cafile=${data.etcdCertificate}`,
      `--etcd-certfile=${data.etcdCertificate}`,
      `--etcd-keyfile=${data.etcdKey}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.apiserver}`,
      "--advertise-address=127.0.0.1",
      // The endpoints of the service "kubernetes" may not be loopback addresses, and nobody needs them here.
      "--endpoint-reconciler-type=none",
      `--token-auth-file=${data.tokens}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${data.serviceAccountKey}`,
      `--service-account-signing-key-file=${data.serviceAccountKey}`,
      // A new node would stay tainted as not ready: nobody watches over the lab's nodes and lifts that.
      "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
      "--allow-privileged=true",
      "--service-cluster-ip-range=10.96.0.0/16",
    ],
    // A sixth of its time went into collecting garbage; it may take twice the memory instead.
    env: { GOGC: "300" },
    ports: [ports.apiserver],
    marker,
    health: `${url}/readyz`,
    startLimitMs: 90_000,
    // Asked to end, it lets watches run out first, which can take a minute; it keeps nothing in memory.
    graceMs: 0,
    // A server that has lost its etcd lets requests hang for half a minute; a new one works in seconds.
    after: "etcd",
  };
}

function controllerManager(paths: LabPaths, ports: LabPorts): Service {
  const marker = `--kubeconfig=${dataPaths(paths).controllerManagerConfig}`;
  return {
    name: "kube-controller-manager",
    part: "cluster",
    binary: "kube-controller-manager",
    args: [
      marker,
      `--controllers=${CONTROLLERS.join(",")}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.controllerManager}`,
    ],
    env: {},
    ports: [ports.controllerManager],
    marker,
    health: `https://127.0.0.1:${ports.controllerManager}/healthz`,
    startLimitMs: 60_000,
    graceMs: 1500,
    after: undefined,
  };
}

function vcenter(paths: LabPaths, ports: LabPorts): Service {
  const data = dataPaths(paths);
  const marker = `-data=${data.vcenter}`;
  return {
    name: "vcenter",
    part: "vcenter",
    binary: "vcenter",
    args: [
      marker,
      `-listen=127.0.0.1:${ports.vcenter}`,
      `-inventory=${data.inventory}`,
      `-user=${LAB_VCENTER_USER}`,
    ],
    env: { ATOM_LAB_VCENTER_PASSWORD: LAB_VCENTER_PASSWORD },
    ports: [ports.vcenter],
    marker,
    health: `https://127.0.0.1:${ports.vcenter}/lab/health`,
    startLimitMs: 30_000,
    graceMs: 500,
    after: undefined,
  };
}
