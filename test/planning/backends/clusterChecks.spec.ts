import { deepStrictEqual } from "node:assert/strict";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { planSite } from "../../../planning";
import { backendOf } from "../../../planning/backends/registry";
import type { Site } from "../../../planning/site";

/** Title and remedy of what a backend asks of a cluster, without the nodes' site labels, which are of every backend. */
function checks(stack: string, change: (site: Site) => Partial<Site> = () => ({})): unknown[] {
  const base = parseSite(readConfiguration(stack).raw);
  const site = { ...base, ...change(base) };
  const { topology } = planSite(base);
  return (backendOf(site.backend)?.clusterChecks({ site, topology }) ?? [])
    .filter(({ id }) => !id.startsWith("site-label-"))
    .map(({ title, remedy }) => [title, remedy]);
}

const HEALTH_CHECK =
  "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual";

/** By model stack, in full: the remedy is what stands in the refusal of preflight. */
const table: Readonly<Record<string, readonly (readonly [title: string, remedy: string])[]>> = {
  "model-ceph-stretch": [
    [
      "the Ceph CSI driver rook-ceph.rbd.csi.ceph.com is installed",
      "install Rook, or correct backendOptions.operatorNamespace or driverPrefix",
    ],
    ["a CephBlockPool can be declared", "install the Rook operator with its resource definitions"],
    [
      "the CephCluster rook-ceph is there",
      "create the CephCluster with mon.count: 5 and mon.stretchCluster over the sites a, b, arbiter",
    ],
    [
      "the controller that lifts the fencing of a node is installed",
      "install the CSI-Addons controller, or set failover: manual",
    ],
    ["the NodeHealthCheck atom-workers is there", HEALTH_CHECK],
  ],
  "model-generic": [
    [
      "the CSI driver csi.array.example is installed",
      "install the driver, or correct backendOptions.provisioner",
    ],
  ],
  "model-mayastor": [
    ["the Mayastor CSI driver is installed", "install OpenEBS with replicated storage"],
    [
      "the storage nodes run Mayastor's io-engine",
      "kubectl label node atom-a-1 atom-a-2 atom-b-1 atom-b-2 openebs.io/engine=mayastor",
    ],
    ["the NodeHealthCheck atom-nodes is there", HEALTH_CHECK],
  ],
  "model-portworx": [
    [
      "the Portworx CSI driver is installed",
      "install the Portworx operator and a StorageCluster with CSI enabled",
    ],
    ["placement strategies can be declared", "install Portworx 2.1.2 or newer"],
    ["Stork runs", "enable spec.stork in the StorageCluster, or set failover: manual"],
  ],
  "model-three-sites-linstor": [
    ["the LINSTOR CSI driver is installed", "install the Piraeus operator and a LinstorCluster"],
    [
      "the Piraeus HA controller runs",
      "enable spec.highAvailabilityController in the LinstorCluster, or set failover: manual",
    ],
  ],
  "model-three-sites-longhorn": [
    ["the Longhorn CSI driver is installed", "install Longhorn"],
    ["Longhorn's settings can be declared", "install Longhorn 1.5 or newer"],
  ],
  "model-vsan-stretched": [
    ["the vSphere CSI driver is installed", "install the vSphere CSI driver"],
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
        "the secret with LINSTOR's passphrase is there",
        "create the secret piraeus/phrase with the key MASTER_PASSPHRASE and name it in spec.linstorPassphraseSecret of the LinstorCluster",
      ],
    ]);
  });

  it("of vSphere with tags of vCenter: each category as well", () => {
    const tagged = (site: Site): Partial<Site> => ({
      backendOptions: { ...site.backendOptions, topologyCategories: ["k8s-region=east"] },
    });
    deepStrictEqual(checks("model-vsan-stretched", tagged).slice(1), [
      [
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
        "the key management service is configured",
        "create the ConfigMap rook-ceph-csi-kms-config with the entry of backendOptions.encryptionKmsId",
      ],
    ]);
  });
});
