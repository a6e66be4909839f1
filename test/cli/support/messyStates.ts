import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../../clients/kubernetes/object";

/** A state that a cluster is found in: how it comes about, and how it ends. */
export interface MessyState {
  readonly title: string;
  readonly make: (cluster: ClusterClient) => Promise<() => Promise<unknown>>;
  /** Whether KUBECONFIG also names a file that is not there. */
  readonly missing?: boolean;
  readonly args?: readonly string[];
  /** What `init` says: why it refuses, or what it marks in the file that it writes. */
  readonly told: readonly RegExp[];
  readonly refused: boolean;
  /** Whether what the file promises is true of the state; default true. */
  readonly promised?: boolean;
}

const ZONE = "topology.kubernetes.io/zone";
const DRIVER = "lab.csi.atom.example";

/** Changes an object until the end. */
async function changed(
  cluster: ClusterClient,
  reference: ObjectReference,
  change: (live: ClusterObject) => ClusterObject,
): Promise<() => Promise<unknown>> {
  const before = await cluster.get(reference);
  await cluster.modify(reference, "test", change);
  return () =>
    cluster.modify(reference, "test", (live) => ({
      ...live,
      ...before,
      metadata: { ...live.metadata, labels: before?.metadata.labels ?? {} },
    }));
}

/** Makes an object until the end. */
async function made(
  cluster: ClusterClient,
  object: ClusterObject,
): Promise<() => Promise<unknown>> {
  await cluster.create(object, "test");
  const { apiVersion, kind, metadata } = object;
  return () => cluster.delete({ apiVersion, kind, name: metadata.name }, undefined);
}

const labelled =
  (name: string, labels: (old: Record<string, string>) => Record<string, string>) =>
  (cluster: ClusterClient) =>
    changed(cluster, { apiVersion: "v1", kind: "Node", name }, (live) => ({
      ...live,
      metadata: { ...live.metadata, labels: labels({ ...live.metadata.labels }) },
    }));

const unlabelled = labelled("atom-b-2", ({ [ZONE]: _, ...others }) => others);

const secondDriver = (cluster: ClusterClient) =>
  changed(
    cluster,
    { apiVersion: "storage.k8s.io/v1", kind: "CSINode", name: "atom-a-1" },
    (live) => {
      const { drivers } = live["spec"] as { readonly drivers: readonly object[] };
      const other = { name: "driver.longhorn.io", nodeID: "atom-a-1", topologyKeys: null };
      return { ...live, spec: { drivers: [...drivers, other] } };
    },
  );

const node = (name: string, labels: Record<string, string>) => (cluster: ClusterClient) =>
  made(cluster, { apiVersion: "v1", kind: "Node", metadata: { name, labels } });

const storageClass =
  (name: string, parameters: Record<string, string>, annotations: Record<string, string> = {}) =>
  (cluster: ClusterClient) =>
    made(cluster, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name, annotations },
      provisioner: DRIVER,
      parameters,
    });

/** One after the other. */
const both =
  (...states: readonly MessyState["make"][]): MessyState["make"] =>
  async (cluster) => {
    const ends: (() => Promise<unknown>)[] = [];
    for (const make of states) {
      ends.unshift(await make(cluster));
    }
    return async () => {
      for (const end of ends) {
        await end();
      }
    };
  };

const nothing: MessyState["make"] = () => Promise.resolve(() => Promise.resolve());

export const MESSY_STATES: readonly MessyState[] = [
  {
    title: "a storage node without the site label",
    make: unlabelled,
    refused: true,
    told: [
      /topology\.siteLabel: the label topology\.kubernetes\.io\/zone is missing on atom-b-2\./,
    ],
  },
  {
    title: "CSI drivers of two backends",
    make: secondDriver,
    refused: true,
    told: [
      /backend: several CSI drivers are registered: driver\.longhorn\.io \(longhorn\) and lab\.csi/,
    ],
  },
  {
    title: "both of these",
    make: both(unlabelled, secondDriver),
    refused: true,
    told: [/topology\.siteLabel: .* atom-b-2/, /backend: several CSI drivers/],
  },
  {
    title: "a label that nobody carries",
    make: nothing,
    args: ["--site-label", "rack", "--driver", "driver.longhorn.io"],
    refused: true,
    told: [
      /no node carries the label rack\. Labels that every node carries: topology/,
      /backend: no/,
    ],
  },
  {
    title: "a node of bare metal",
    make: node("metal-1", { [ZONE]: "a" }),
    refused: false,
    told: [/no VM has the system UUID of metal-1/],
  },
  {
    title: "a virtual node without a zone",
    make: node("virtual-kubelet", { type: "virtual-kubelet" }),
    refused: false,
    told: [],
  },
  {
    title: "a second default class",
    make: storageClass("other", {}, { "storageclass.kubernetes.io/is-default-class": "true" }),
    refused: false,
    told: [/one default class: the cluster uses the one made last/],
  },
  {
    title: "a parameter of several lines, which reads like settings",
    make: storageClass("crafted", {
      policy: "- fromSame:\n  - zone\nconfig:\n  atom-backup:replicationFactor: 1\n",
    }),
    refused: false,
    told: [],
  },
  {
    title: "storage nodes that are control-plane nodes",
    make: labelled("atom-c-1", (old) => ({ ...old, "node-role.kubernetes.io/control-plane": "" })),
    refused: false,
    // Four votes, of which two stand in one site: the file says so, and what it promises is no longer true.
    promised: false,
    told: [/survive = "site": site c is lost: .* 2 of 4 control-plane nodes stay \(3 needed\)/],
  },
  {
    title: "a list of kubeconfigs of which one is missing",
    make: nothing,
    missing: true,
    refused: false,
    told: [],
  },
  {
    title: "no namespace of the product",
    make: nothing,
    args: ["--namespace", "atom", "--namespace", "missing"],
    refused: false,
    told: [/the cluster does not have atom, missing \(yet\)/],
  },
];
