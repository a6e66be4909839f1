import { deepStrictEqual, equal } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { judgeDefaults } from "../../../drift/defaults";
import { found } from "../../../drift/types";
import { findDrift } from "../../../drift/findings";
import { compareNodes } from "../../../drift/nodes";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { judgeCapacity } from "../../../site/preflight/capacity";
import { checkTopologyKeys } from "../../../site/preflight/backend";
import { unreachable } from "../../../site/preflight/finding";
import { holds } from "../../../site/preflight/review";
import { judgeRules, RULES, type RuleFacts } from "../../../site/preflight/rules/judge";
import { checkRunningController } from "../../../site/preflight/snapshotController";
import {
  configMapPatch,
  defaultAnnotation,
  desiredOf,
  liveObject,
  liveOf,
  member,
  point,
  pointMember,
  recorded,
  registration,
  snapshotClass,
  snapshotOf,
  stateOf,
  storageClass,
  vm,
} from "../../drift/fixtures";
import { pointFile } from "../../support/points";
import * as sites from "../../support/sites";
import { veleroSite } from "../../support/veleroSites";
import {
  apiDouble,
  beforeTake,
  classesOf,
  driverObjects,
  facts,
  inCluster,
  object,
} from "./ruleFacts";
import { disk, now } from "./vmFixtures";

type State = RuleFacts | Promise<RuleFacts>;

const three = sites.THREE_SITES;
const linstor = sites.linstorSite(three);
const longhorn = sites.longhornSite(three);
const machines = sites.siteOf({ virtualMachines: sites.MACHINES });
const mayastor = sites.mayastorSite(three);
const ceph = sites.cephSite(three);
const vsan = sites.vsanSite(sites.STRETCH_SITES);
const confined = sites.genericSite({ allowedTopologies: ["topology.example/zone=a"] });

/** A site of another kind than the accepted one: what is wrong with it counts. */
const stated = (site: Site, change: Partial<Site>): RuleFacts =>
  facts({ site, stated: { ...site, ...change } });

const declares = (...declared: Parameters<typeof desiredOf>[0]): RuleFacts => facts({ declared });

const ofSite = (
  site: Site,
  change: Parameters<typeof classesOf>[1] = {},
  ...more: Parameters<typeof desiredOf>[0]
): RuleFacts => facts({ site, declared: [...classesOf(site, change), ...more] });

const setting = registration("kubernetes:longhorn.io/v1beta2:SettingPatch", "setting", {
  ...configMapPatch().inputs,
  kind: "Setting",
  metadata: { name: "allow-volume-creation-with-degraded-availability" },
  value: "false",
});

function nodes(relabel: Readonly<Record<string, string>> = {}): ClusterObject[] {
  return three.flatMap(({ name: site, storageNodes }) =>
    storageNodes.map((name) => {
      const labels = { [sites.ZONE]: relabel[name] ?? site };
      return { ...object("Node", name), metadata: { name, labels } };
    }),
  );
}

/** Live and desired compared, for a class of the lab's own. */
function compared(objects: readonly ClusterObject[], isOurs: boolean): RuleFacts {
  const desired = desiredOf([storageClass()]);
  const state = stateOf(isOurs ? [recorded(storageClass())] : []);
  const live = liveOf({ objects });
  const drift = [
    ...findDrift({ desired, state, live, points: [] }),
    ...judgeDefaults(desired, live),
  ];
  return facts({ drift });
}

function ofSnapshots(isThere: boolean): RuleFacts {
  const taken = member("a1");
  const file = point({ state: "ready", vms: [pointMember("a1", "snapshot-7")] });
  const live = liveOf({ vms: [vm("a1", isThere ? [snapshotOf(taken, "snapshot-7")] : [])] });
  const state = stateOf([recorded(taken, "snapshot-7")]);
  const drift = findDrift({ desired: desiredOf([taken]), state, live, points: [file] });
  return facts({ site: machines, drift });
}

function withRoom(gib: number): RuleFacts {
  const capacities = three.map(({ name }) =>
    object("CSIStorageCapacity", name, {
      storageClassName: "atom-replicated",
      capacity: `${gib}Gi`,
      nodeTopology: { matchLabels: { [sites.ZONE]: name } },
    }),
  );
  const spec = { storageClassName: "atom-replicated", capacity: { storage: "90Gi" } };
  const volumes = [object("PersistentVolume", "pv-1", { spec })];
  return facts({ site: linstor, checks: judgeCapacity(planSite(linstor), capacities, volumes) });
}

async function keysOf(site: Site, objects: readonly ClusterObject[]): Promise<RuleFacts> {
  return facts({ site, checks: await checkTopologyKeys(apiDouble(objects), planSite(site)) });
}

/** A cluster with a snapshot controller of so many ready pods; the point that is taken has volumes. */
async function controllers(readyReplicas: number): Promise<RuleFacts> {
  const deployment = object("Deployment", "snapshot-controller", { status: { readyReplicas } });
  const taking = pointFile({ state: "taking", volumes: true, virtualMachines: "none" });
  const plan = planSite({ ...linstor, restorePoints: [taking] });
  const client = apiDouble([deployment], ["VolumeSnapshot"]);
  return facts({ site: linstor, checks: await checkRunningController(client, plan, now) });
}

function labelled(value: string): ClusterObject[] {
  const storage = planSite(mayastor).topology.dataSites.flatMap((site) => site.storageNodes);
  const labels = { "openebs.io/engine": value };
  return storage.map((name) => ({ ...object("Node", name), metadata: { name, labels } }));
}

const haController = object("DaemonSet", "ha-controller");
const fcd = disk({ label: "Hard disk 2", file: "fcd/x.vmdk", volume: "fcd-7" });
const encrypted = { classes: [sites.classSpec({ encryption: true })] };
const zonal = { allowedTopologies: [{ matchLabelExpressions: [] }] };
const cephKinds = ["CephCluster", "CephBlockPool"];
const cephPool = { ...ceph, backendOptions: { ...ceph.backendOptions, declarePool: false } };
const cephObjects = [
  object("CustomResourceDefinition", "cephblockpools.ceph.rook.io", {
    spec: { versions: [{ name: "v1", served: true }] },
  }),
  object("CephCluster", "rook-ceph"),
  object("CephBlockPool", "atom-data"),
];
const withMark = { annotations: { [defaultAnnotation]: "true" } };
const second = liveObject(storageClass({ metadata: { name: "other", ...withMark } }));
const provider = (apiTimeout: number) =>
  registration("pulumi:providers:vsphere", "vcenter", { apiTimeout });

/** By number: a state that passes, and states that fail. */
const insideStore = { ...found("differs", "Velero's object store", "Inside."), blocked: true };

const STATES: readonly (readonly [passes: State, fails: readonly State[]])[] = [
  [
    ofSite(linstor),
    [
      ofSite(linstor, { parameters: {} }),
      ofSite(linstor, { parameters: { "linstor.csi.linbit.com/placementCount": "two" } }),
      ofSite(linstor, { parameters: { placementCount: "2", autoPlace: "3" } }),
      ofSite(linstor, { provisioner: "" }),
    ],
  ],
  [facts({ site: linstor }), [stated(linstor, { replicationFactor: 7 })]],
  [
    facts({ site: linstor }),
    [stated(linstor, { topology: { ...linstor.topology, sites: three.slice(0, 2) } })],
  ],
  [
    ofSite(linstor),
    [
      stated(linstor, { backendOptions: { ...linstor.backendOptions, storagepool: "x" } }),
      ofSite(linstor, { parameters: { "linstor.csi.linbit.com/placementCount": 2 } }),
    ],
  ],
  [
    ofSite(ceph),
    [
      stated(ceph, { classes: [sites.classSpec({ fsType: "xfs" })] }),
      ofSite(ceph, { parameters: { fsType: "ext4", "csi.storage.k8s.io/fstype": "ext4" } }),
    ],
  ],
  [
    facts({ site: longhorn }),
    [
      facts({
        site: longhorn,
        plan: {
          ...planSite(longhorn),
          classes: planSite(longhorn).classes.map((one) => ({ ...one, parameters: {} })),
        },
      }),
    ],
  ],
  [ofSite(linstor), [ofSite(linstor, { volumeBindingMode: "Immediate", ...zonal })]],
  [
    keysOf(confined, driverObjects(confined)),
    [
      keysOf(confined, []),
      stated(longhorn, { topology: { siteLabel: "site", sites: longhorn.topology.sites } }),
    ],
  ],
  [
    declares(storageClass()),
    [
      declares(storageClass({ reclaimPolicy: "Delete" })),
      declares(storageClass({ allowVolumeExpansion: false })),
      declares(storageClass({}, { deleteBeforeReplace: false })),
    ],
  ],
  [
    compared([liveObject(storageClass())], true),
    [
      compared([liveObject(storageClass()), second], true),
      declares(storageClass(), storageClass()),
      stated(linstor, { classes: [sites.classSpec(), sites.classSpec({ name: "b" })] }),
    ],
  ],
  [
    declares(storageClass(), snapshotClass()),
    [
      declares(storageClass(), snapshotClass({ driver: "another" })),
      declares(storageClass(), snapshotClass({ deletionPolicy: "Delete" })),
      ofSite(longhorn, {}, snapshotClass({ driver: "driver.longhorn.io" })),
    ],
  ],
  [
    facts({ site: { ...vsan, retention: { keepLast: 2 } } }),
    [facts({ site: { ...vsan, retention: { keepLast: 3 } } })],
  ],
  [
    inCluster(
      {
        ...linstor,
        ...encrypted,
        backendOptions: { ...linstor.backendOptions, passphraseSecret: "p" },
      },
      [...driverObjects(linstor), haController, object("Secret", "p")],
      ["Secret", "DaemonSet"],
    ),
    [
      facts({ site: { ...linstor, ...encrypted } }),
      inCluster(
        {
          ...linstor,
          ...encrypted,
          backendOptions: { ...linstor.backendOptions, passphraseSecret: "p" },
        },
        driverObjects(linstor),
        ["Secret"],
      ),
    ],
  ],
  [
    inCluster(sites.siteOf(), driverObjects(sites.siteOf())),
    [
      inCluster(sites.siteOf(), []),
      inCluster(sites.siteOf(), driverObjects(sites.siteOf(), ["a-1"])),
    ],
  ],
  [
    facts({ drift: compareNodes(sites.siteOf(), nodes()) }),
    [
      facts({ drift: compareNodes(sites.siteOf(), nodes({ "a-1": "b" })) }),
      facts({ drift: compareNodes(sites.siteOf(), nodes().slice(1)) }),
    ],
  ],
  [
    inCluster(longhorn, []),
    [
      inCluster(mayastor, labelled("")),
      stated(mayastor, { backendOptions: sites.MAYASTOR_OPTIONS }),
    ],
  ],
  [withRoom(100), [withRoom(10)]],
  [
    inCluster(cephPool, cephObjects, cephKinds),
    [inCluster(cephPool, cephObjects.slice(0, 2), cephKinds)],
  ],
  [
    facts({ site: linstor }),
    [
      stated(linstor, {
        topology: { ...linstor.topology, sites: [...three.slice(0, 2), sites.witnessSite("w", 0)] },
      }),
    ],
  ],
  [
    inCluster(linstor, [haController], ["DaemonSet"]),
    [inCluster(linstor, [], ["DaemonSet"]), stated(sites.siteOf(), { failover: "automatic" })],
  ],
  [
    compared([liveObject(storageClass())], true),
    [compared([liveObject(storageClass(), { metadata: { labels: {} } })], false)],
  ],
  [controllers(1), [controllers(0)]],
  [ofSite(longhorn, {}, setting), [ofSite(longhorn)]],
  [
    facts({ site: machines, declared: [member("a1")] }),
    [
      facts({
        site: machines,
        declared: [{ ...member("a1"), inputs: { memory: true, quiesce: true } }],
      }),
      stated(machines, { restorePoints: [pointFile({ memory: true, quiesce: true })] }),
      beforeTake({ toolsRunning: false }, {}, { quiesce: true }),
    ],
  ],
  [
    beforeTake({}),
    [
      beforeTake({}, { disks: [disk({ raw: "physicalMode" })] }),
      beforeTake({}, { sharedBuses: ["SCSI controller 1"] }),
      beforeTake({ consolidationNeeded: true }),
    ],
  ],
  [
    beforeTake({}),
    [
      beforeTake({}, { disks: [disk(), fcd] }),
      stated(machines, { restorePoints: [pointFile({ virtualMachines: ["a-cp"] })] }),
    ],
  ],
  [
    facts({ site: machines, declared: [member("a1"), provider(60)] }),
    [
      facts({ site: machines, declared: [member("a1"), provider(5)] }),
      facts({
        site: machines,
        declared: [member("a1", { options: { deleteBeforeReplace: true } })],
      }),
      facts({ site: machines, declared: [{ ...member("a1"), inputs: { removeChildren: true } }] }),
    ],
  ],
  [ofSnapshots(true), [ofSnapshots(false)]],
  [
    facts({ site: veleroSite(), drift: [found("differs", "Velero's backups", "One failed.")] }),
    [
      facts({ site: veleroSite({ endpoint: "http://minio.velero.svc:9000" }) }),
      facts({ site: veleroSite(), drift: [insideStore] }),
    ],
  ],
];

// What this cannot show: rules on backends that the lab does not run, whose API is a double here. docs/reference/rules.md
// marks them.
describe("the rules before an apply", () => {
  it("are numbered from 1 to 29, each with a name of its own", () => {
    deepStrictEqual(
      RULES.map(({ number }) => number),
      STATES.map((_, index) => index + 1),
    );
    equal(new Set(RULES.map(({ id }) => id)).size, 29);
  });

  STATES.forEach(([passes, fails], index) => {
    const [rule] = RULES.slice(index);
    const verdict = async (state: State): Promise<string | undefined> =>
      judgeRules(await state)[index]?.verdict;

    it(`${index + 1} (${rule?.id ?? ""}) passes, fails, and is neither while a system is silent`, async () => {
      equal(await verdict(passes), "pass");
      for (const state of fails) {
        equal(await verdict(state), "fail");
      }
      const known = await passes;
      const silent = [unreachable("cluster", "It is silent."), unreachable("vCenter", "Silent.")];
      const unread = { ...known, checks: silent, drift: [] };
      equal(await verdict(unread), rule?.systems === undefined ? "pass" : "unknown");
    });
  });

  it("are let pass by a waiver until its day, and by none after it", async () => {
    const waivers = [{ ...sites.waiver("reclaim-policy", "StorageClass atom-replicated") }];
    const declared = [storageClass({ reclaimPolicy: "Delete" })];
    const verdict = (until: string): string | undefined => {
      const site = sites.siteOf({ waivers: waivers.map((one) => ({ ...one, until })) });
      return judgeRules(facts({ site, declared }))[8]?.verdict;
    };
    equal(verdict("2031-01-01T00:00:00Z"), "waived");
    equal(verdict("2020-01-01T00:00:00Z"), "fail");
    const single = {
      ...linstor,
      replicationFactor: 1,
      waivers: [sites.waiver("single-copy", "replicationFactor")],
    };
    equal(judgeRules(facts({ site: single }))[1]?.verdict, "waived");
    const rules = judgeRules(await inCluster(sites.siteOf(), driverObjects(sites.siteOf())));
    equal(holds({ rules, others: [] }), true);
    equal(holds({ rules: judgeRules(facts({ declared })), others: [] }), false);
  });
});
