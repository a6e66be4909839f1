import { deepStrictEqual } from "node:assert/strict";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { planSite } from "../../../planning";
import { backendOf } from "../../../planning/backends/registry";
import type { Site } from "../../../planning/site";

/** Of what a backend asks of a cluster: id and what has to be there, title, remedy. */
function checks(stack: string, change: (site: Site) => Partial<Site> = () => ({})): unknown[] {
  const base = parseSite(readConfiguration(stack).raw);
  const site = { ...base, ...change(base) };
  const { topology } = planSite(base);
  return backendOf(site.backend)
    .clusterChecks({ site, topology })
    .map(({ id, requires, title, remedy }) => [
      `${id}: ${Object.values(requires).join(" ")}`,
      title,
      remedy,
    ]);
}

const HEALTH_CHECK =
  "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual";

/** By model stack, in full: the remedy is what stands in the refusal of preflight. */
const table: Readonly<
  Record<string, readonly (readonly [what: string, title: string, remedy: string])[]>
> = {
  "model-ceph-stretch": [
    [
      "driver: csiDriver rook-ceph.rbd.csi.ceph.com",
      "the Ceph CSI driver rook-ceph.rbd.csi.ceph.com is installed",
      "install Rook, or correct backendOptions.operatorNamespace or driverPrefix",
    ],
    [
      "pools: crd cephblockpools.ceph.rook.io v1",
      "a CephBlockPool can be declared",
      "install the Rook operator with its resource definitions",
    ],
    [
      "cluster: object ceph.rook.io/v1 CephCluster rook-ceph rook-ceph",
      "the CephCluster rook-ceph is there",
      "create the CephCluster with mon.count: 5 and mon.stretchCluster over the sites a, b, arbiter",
    ],
    [
      "fencing: crd csiaddonsnodes.csiaddons.openshift.io v1alpha1",
      "the controller that lifts the fencing of a node is installed",
      "install the CSI-Addons controller, or set failover: manual",
    ],
    [
      "failover: object remediation.medik8s.io/v1alpha1 NodeHealthCheck atom-workers",
      "the NodeHealthCheck atom-workers is there",
      HEALTH_CHECK,
    ],
  ],
  "model-generic": [
    [
      "driver: csiDriver csi.array.example",
      "the CSI driver csi.array.example is installed",
      "install the driver, or correct backendOptions.provisioner",
    ],
  ],
  "model-mayastor": [
    [
      "driver: csiDriver io.openebs.csi-mayastor",
      "the Mayastor CSI driver is installed",
      "install OpenEBS with replicated storage",
    ],
    [
      "io-engine: nodeLabel openebs.io/engine atom-a-1,atom-a-2,atom-b-1,atom-b-2 mayastor",
      "the storage nodes run Mayastor's io-engine",
      "kubectl label node atom-a-1 atom-a-2 atom-b-1 atom-b-2 openebs.io/engine=mayastor",
    ],
    [
      "failover: object remediation.medik8s.io/v1alpha1 NodeHealthCheck atom-nodes",
      "the NodeHealthCheck atom-nodes is there",
      HEALTH_CHECK,
    ],
  ],
  "model-portworx": [
    [
      "driver: csiDriver pxd.portworx.com",
      "the Portworx CSI driver is installed",
      "install the Portworx operator and a StorageCluster with CSI enabled",
    ],
    [
      "strategies: crd volumeplacementstrategies.portworx.io v1beta2",
      "placement strategies can be declared",
      "install Portworx 2.1.2 or newer",
    ],
    [
      "failover: object apps/v1 Deployment portworx stork",
      "Stork runs",
      "enable spec.stork in the StorageCluster, or set failover: manual",
    ],
  ],
  "model-three-sites-linstor": [
    [
      "driver: csiDriver linstor.csi.linbit.com",
      "the LINSTOR CSI driver is installed",
      "install the Piraeus operator and a LinstorCluster",
    ],
    [
      "failover: object apps/v1 DaemonSet piraeus-datastore ha-controller",
      "the Piraeus HA controller runs",
      "enable spec.highAvailabilityController in the LinstorCluster, or set failover: manual",
    ],
  ],
  "model-three-sites-longhorn": [
    [
      "driver: csiDriver driver.longhorn.io",
      "the Longhorn CSI driver is installed",
      "install Longhorn",
    ],
    [
      "settings: crd settings.longhorn.io v1beta2",
      "Longhorn's settings can be declared",
      "install Longhorn 1.5 or newer",
    ],
  ],
  "model-vsan-stretched": [
    [
      "driver: csiDriver csi.vsphere.vmware.com",
      "the vSphere CSI driver is installed",
      "install the vSphere CSI driver",
    ],
  ],
};

describe("what backends ask of a cluster, with remedies in full", () => {
  for (const [stack, expected] of Object.entries(table)) {
    it(`of ${stack}`, () => {
      deepStrictEqual(checks(stack), expected);
    });
  }

  it("of LINSTOR with encrypted classes: the passphrase as well", () => {
    const encrypted = (site: Site): Partial<Site> => ({
      backendOptions: { ...site.backendOptions, namespace: "piraeus", passphraseSecret: "phrase" },
      classes: site.classes.map((spec) => ({ ...spec, encryption: true })),
    });
    const added = checks("model-three-sites-linstor", encrypted).slice(
      table["model-three-sites-linstor"]?.length,
    );
    deepStrictEqual(added, [
      [
        "passphrase: object v1 Secret piraeus phrase",
        "the secret with LINSTOR's passphrase is there",
        "create the secret piraeus/phrase with the key MASTER_PASSPHRASE and name it in spec.linstorPassphraseSecret of the LinstorCluster",
      ],
    ]);
  });

  it("of LINSTOR with a person's fail-over: no controller", () => {
    deepStrictEqual(
      checks("model-three-sites-linstor", () => ({ failover: "manual" })),
      table["model-three-sites-linstor"]?.slice(0, 1),
    );
  });

  it("of vSphere with tags of vCenter: each category as well", () => {
    const tagged = (site: Site): Partial<Site> => ({
      backendOptions: { ...site.backendOptions, topologyCategories: ["k8s-region=east"] },
    });
    deepStrictEqual(checks("model-vsan-stretched", tagged).slice(1), [
      [
        "category-k8s-region: nodeLabel topology.csi.vmware.com/k8s-region atom-a-1,atom-a-2,atom-b-1,atom-b-2 east",
        "the storage nodes are labelled topology.csi.vmware.com/k8s-region=east",
        "assign the tag east of category k8s-region in vCenter and name the category in the driver's topology-categories",
      ],
    ]);
  });

  it("of Ceph with encrypted classes: the key management service as well", () => {
    const encrypted = (site: Site): Partial<Site> => ({
      classes: site.classes.map((spec) => ({ ...spec, encryption: true })),
    });
    const added = checks("model-ceph-stretch", encrypted).slice(
      table["model-ceph-stretch"]?.length,
    );
    deepStrictEqual(added, [
      [
        "keys: object v1 ConfigMap rook-ceph rook-ceph-csi-kms-config",
        "the key management service is configured",
        "create the ConfigMap rook-ceph-csi-kms-config with the entry of backendOptions.encryptionKmsId",
      ],
    ]);
  });
});
