import assert from "node:assert/strict";
import { checkSite, planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import {
  cephSite,
  classSpec,
  dataSite,
  genericSite,
  LINSTOR_OPTIONS,
  linstorSite,
  longhornSite,
  mayastorSite,
  MAYASTOR_OPTIONS,
  THREE_SITES,
  VSAN_OPTIONS,
  vsanSite,
  ZONE,
} from "../../support/sites";

const ONE_SITE = [dataSite("a", 3, { controlPlaneNodes: 3 })];
const LINSTOR = "linstor.csi.linbit.com/";

function parameters(site: Site): Readonly<Record<string, string>> {
  assert.deepEqual(checkSite(site), []);
  return planSite(site).classes[0]?.parameters ?? {};
}

function linstor(options: Site["backendOptions"], changes: Partial<Site> = {}): Site {
  return linstorSite(ONE_SITE, {
    survive: "node",
    backendOptions: { ...LINSTOR_OPTIONS, ...options },
    ...changes,
  });
}

describe("further parameters of a class", () => {
  it("are passed on as they are, a class's before the site's, and give LINSTOR another group", () => {
    const classes = [classSpec({ options: { parameters: [`${LINSTOR}fsOpts=-m 0`] } })];
    const plain = parameters(linstor({}));
    const further = parameters(
      linstor({ parameters: [`${LINSTOR}fsOpts=-m 1`, `${LINSTOR}usePvcName=true`] }, { classes }),
    );
    assert.equal(further[`${LINSTOR}fsOpts`], "-m 0");
    assert.equal(further[`${LINSTOR}usePvcName`], "true");
    assert.notEqual(further[`${LINSTOR}resourceGroup`], plain[`${LINSTOR}resourceGroup`]);
  });

  const refused: readonly (readonly [string, string, string | undefined])[] = [
    ["is on no list", `${LINSTOR}nodeList=a-1 a-2`, "unknown-parameter"],
    ["makes copies lag behind", "DrbdOptions/Net/protocol=A", "unknown-parameter"],
    ["is set by the program, in whatever spelling", "PlacementCount=1", undefined],
    ["is the file system", "fsType=xfs", undefined],
    ["is no pair", "fsOpts", undefined],
  ];
  for (const [title, item, rule] of refused) {
    it(`refuse one that ${title}`, () => {
      const [problem, ...others] = checkSite(linstor({ parameters: [item] }));
      assert.deepEqual([problem?.path, problem?.rule], ["backendOptions.parameters[0]", rule]);
      assert.deepEqual(others, []);
    });
  }

  it("refuse a key that stands there twice", () => {
    const twice = [`${LINSTOR}fsOpts=a`, `${LINSTOR}fsOpts=b`];
    assert.deepEqual(
      checkSite(linstor({ parameters: twice })).map(({ path }) => path),
      ["backendOptions.parameters[1]"],
    );
  });
});

describe("set-ups of the backends", () => {
  it("LINSTOR: remote access within labels, copies on nodes with a property", () => {
    const found = parameters(
      linstor({
        replicasOnSame: "Aux/disks=nvme",
        remoteAccessFrom: ["topology.kubernetes.io/zone"],
        allowRemoteVolumeAccess: true,
      }),
    );
    assert.equal(found[`${LINSTOR}replicasOnSame`], "Aux/disks=nvme");
    assert.equal(
      found[`${LINSTOR}allowRemoteVolumeAccess`],
      "- fromSame:\n  - topology.kubernetes.io/zone\n",
    );
    const [same] = checkSite(linstor({ replicasOnSame: "topology.kubernetes.io/zone" }));
    assert.equal(same?.path, "backendOptions.replicasOnSame");
  });

  it("LINSTOR: without quorum a copy goes on alone, by hand only", () => {
    const site = linstor({ quorum: "off" }, { failover: "manual" });
    assert.equal(
      parameters(site)["property.linstor.csi.linbit.com/DrbdOptions/Resource/quorum"],
      "off",
    );
    const [node] = planSite(site).survival.verdicts;
    assert.deepEqual([node?.survived, node?.unattended], [true, false]);
  });

  it("Longhorn: a soft spread is judged by the worst that it allows", () => {
    const soft = longhornSite([dataSite("a", 3), dataSite("b", 3)], {
      replicationFactor: 3,
      survive: "node",
      backendOptions: { zoneSpread: "soft" },
    });
    assert.equal(parameters(soft)["replicaZoneSoftAntiAffinity"], "enabled");
    const { topology, survival } = planSite(soft);
    assert.equal(topology.maxPerSite, 3);
    const lost = survival.verdicts.find(({ loss }) => loss.kind === "site");
    assert.deepEqual([lost?.survived, lost?.acknowledgedWritesLost], [false, true]);
    assert.ok(
      survival.verdicts.filter(({ loss }) => loss.kind === "node").every((v) => v.survived),
    );
  });

  it("Mayastor: labels of pools, a line each", () => {
    const backendOptions = { ...MAYASTOR_OPTIONS, poolAffinityLabels: ["tier=fast", "row=1"] };
    const found = parameters(mayastorSite(ONE_SITE, { survive: "node", backendOptions }));
    assert.equal(found["poolAffinityTopologyLabel"], "tier: fast\nrow: 1");
  });

  it("Ceph: a pool of others is looked for and not declared", () => {
    const own = cephSite(THREE_SITES);
    const site = { ...own, backendOptions: { ...own.backendOptions, declarePool: false } };
    assert.deepEqual(checkSite(site), []);
    assert.ok(!planSite(site).companions.some(({ key }) => key === "pool"));
    assert.ok(planSite(own).companions.some(({ key }) => key === "pool"));
  });

  it("vSphere: a datastore, and several tags of one category", () => {
    const site = vsanSite(ONE_SITE, {
      survive: "node",
      backendOptions: {
        ...VSAN_OPTIONS,
        failuresToTolerate: 1,
        siteDisasterTolerance: "none",
        datastoreUrl: "ds:///vmfs/volumes/one/",
        topologyCategories: ["k8s-zone=a", "k8s-zone=b"],
      },
    });
    assert.equal(parameters(site)["datastoreurl"], "ds:///vmfs/volumes/one/");
    assert.deepEqual(planSite(site).classes[0]?.allowedTopologies, [
      [{ key: "topology.csi.vmware.com/k8s-zone", values: ["a", "b"] }],
    ]);
  });

  it("a driver without snapshots: no class of them, and nothing that leads back", () => {
    const site = genericSite(
      { spread: "nodes", survives: ["node"], snapshots: false },
      { survive: "node", topology: { siteLabel: ZONE, sites: ONE_SITE } },
    );
    assert.deepEqual(checkSite(site), []);
    const { snapshotClass, groupSnapshotClass, survival } = planSite(site);
    assert.deepEqual([snapshotClass, groupSnapshotClass], [undefined, undefined]);
    assert.match(survival.summary, /the driver has no snapshots/);
    assert.ok(
      survival.verdicts.every(({ restorePointsReadable }) => restorePointsReadable === "no"),
    );
  });
});
