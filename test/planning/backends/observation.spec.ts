import assert from "node:assert/strict";
import { backendOf, planTopology } from "../../../planning";
import type {
  Observation,
  ObservationPlan,
  SourceAnswers,
} from "../../../planning/backends/observation";
import type { Site } from "../../../planning/site";
import {
  cephSite,
  linstorSite,
  longhornSite,
  mayastorSite,
  portworxSite,
  siteOf,
  THREE_SITES,
} from "../../support/sites";

function planOf(site: Site): ObservationPlan {
  const topology = planTopology(site.topology, site.replicationFactor);
  const found = backendOf(site.backend)?.observation({ site, topology });
  assert.ok(found !== undefined);
  return found;
}

function observe(
  site: Site,
  answers: SourceAnswers,
  attributes: Readonly<Record<string, string>> = {},
): Observation {
  const plan = planOf(site);
  assert.ok(plan.state === "observed");
  return plan.observer(answers)({ volume: "pv-1", handle: "pvc-1", attributes });
}

/** `node state detail` of each copy, then the troubles. */
function lines(seen: Observation): string[] {
  return seen.state === "unknown"
    ? [`unknown: ${seen.why}`]
    : [
        ...seen.replicas.map(({ node, state, detail }) => `${node ?? "?"} ${state} ${detail}`),
        ...seen.tieBreakers.map((node) => `${node} votes`),
        ...seen.troubles,
      ];
}

const api = { apiUrl: "http://127.0.0.1:3370/" };
const linstor = linstorSite(THREE_SITES);
const withApi = (site: Site): Site => ({
  ...site,
  backendOptions: { ...site.backendOptions, ...api },
});

describe("what is observed of volumes", () => {
  it("is nothing where a backend cannot be asked, with the way to it where there is one", () => {
    for (const site of [linstor, mayastorSite(THREE_SITES), portworxSite(THREE_SITES)]) {
      const plan = planOf(site);
      assert.ok(plan.state === "notObserved", site.backend);
      assert.ok(plan.remedy !== undefined, site.backend);
    }
    assert.deepEqual(planOf(siteOf({ backend: "generic" })), {
      state: "notObserved",
      why: "nothing is known of this storage but what its operator states",
      remedy: undefined,
    });
  });

  it("asks LINSTOR once, at the address without its last slash", () => {
    const plan = planOf(withApi(linstor));
    assert.ok(plan.state === "observed");
    assert.deepEqual(plan.sources, {
      resources: {
        kind: "rest",
        system: "linstor",
        api: {
          url: "http://127.0.0.1:3370",
          caFile: undefined,
          certFile: undefined,
          keyFile: undefined,
          tokenFile: undefined,
        },
      },
    });
  });

  const resource = (node: string, diskState: string | undefined, flags: string[] = []) => ({
    name: "PVC-1",
    node_name: node,
    flags,
    volumes: [{ state: diskState === undefined ? {} : { disk_state: diskState } }],
  });

  it("tells LINSTOR's copies from clients and tie-breakers", () => {
    const resources = [
      resource("c-1", "Diskless", ["DISKLESS", "DRBD_DISKLESS", "TIE_BREAKER"]),
      resource("b-1", "SyncTarget(12%)"),
      resource("a-1", "UpToDate"),
      resource("a-2", "Diskless", ["DISKLESS", "DRBD_DISKLESS"]),
      resource("b-2", "UpToDate", ["DELETE"]),
    ];
    assert.deepEqual(lines(observe(withApi(linstor), { resources })), [
      "a-1 upToDate UpToDate",
      "b-1 rebuilding SyncTarget(12%)",
      "c-1 votes",
    ]);
  });

  it("names LINSTOR's missing vote, cut links, and what it does not know", () => {
    const taken = {
      ...resource("a-1", "UpToDate"),
      layer_object: {
        drbd: { connections: { "b-1": { connected: false, message: "Connecting" } } },
      },
    };
    const resources = [taken, resource("b-1", undefined), resource("a-2", "UpToDate", ["EVICTED"])];
    assert.deepEqual(lines(observe(withApi(linstor), { resources })), [
      "a-1 upToDate UpToDate",
      "a-2 failed EVICTED",
      "b-1 unknown no state",
      "The copy on a-1 is not connected to b-1 (Connecting).",
    ]);
    const two = [resource("a-1", "UpToDate"), resource("b-1", "UpToDate")];
    assert.deepEqual(lines(observe(withApi(linstor), { resources: two })), [
      "a-1 upToDate UpToDate",
      "b-1 upToDate UpToDate",
      "There is no tie-breaker beside its 2 copies, so a cut between them is not decided by a majority.",
    ]);
    assert.deepEqual(lines(observe(withApi(linstor), { resources: [] })), [
      "unknown: LINSTOR has no resource pvc-1.",
    ]);
  });

  it("reads Longhorn's replicas by failedAt, healthyAt and state", () => {
    const replica = (name: string, spec: object, currentState: string) => ({
      metadata: { name },
      spec: { volumeName: "pvc-1", active: true, ...spec },
      status: { currentState },
    });
    const healthyAt = "2026-11-20T10:00:00Z";
    const replicas = [
      replica("r1", { nodeID: "a-1", healthyAt, failedAt: "" }, "running"),
      replica("r2", { nodeID: "b-1", healthyAt: "", failedAt: "" }, "running"),
      replica("r3", { nodeID: "c-1", healthyAt, failedAt: healthyAt }, "stopped"),
      replica("r4", { nodeID: "a-2", healthyAt, failedAt: "" }, "error"),
      replica("r5", { nodeID: "b-2", healthyAt, active: false }, "running"),
    ];
    const volume = (state: string, robustness: string) => [
      { metadata: { name: "pvc-1" }, status: { state, robustness } },
    ];
    const site = longhornSite(THREE_SITES);
    assert.deepEqual(lines(observe(site, { volumes: volume("attached", "degraded"), replicas })), [
      "a-1 upToDate running",
      "b-1 rebuilding rebuilding",
      `c-1 failed failed at ${healthyAt}`,
      "a-2 unknown error",
      "Longhorn calls the volume degraded.",
    ]);
    const stopped = [replica("r1", { nodeID: "a-1", healthyAt }, "stopped")];
    const detached = { volumes: volume("detached", "unknown"), replicas: stopped };
    assert.deepEqual(lines(observe(site, detached)), ["a-1 upToDate stopped"]);
    const attached = { volumes: volume("attached", "unknown"), replicas: stopped };
    assert.deepEqual(lines(observe(site, attached)), [
      "a-1 unknown stopped",
      "Longhorn calls the volume unknown.",
    ]);
    assert.deepEqual(lines(observe(site, { volumes: [], replicas: [] })), [
      "unknown: Longhorn has no Volume longhorn-system/pvc-1.",
    ]);
  });

  it("believes a Mayastor replica only as a child of the target", () => {
    const volume = (status: string, target: object | undefined, topology: object) => [
      { spec: {}, state: { uuid: "PVC-1", status, target, replica_topology: topology } },
    ];
    const site = withApi(mayastorSite(THREE_SITES));
    const replicas = {
      r1: { node: "b-1", state: "Online", "child-status": "Degraded", "rebuild-progress": 40 },
      r2: { node: "a-1", state: "Online", "child-status": "Online" },
      r3: { node: "c-1", state: "Unknown", "child-status": "Faulted" },
      r4: { node: "c-2", state: "Online" },
    };
    assert.deepEqual(
      lines(observe(site, { volumes: volume("Degraded", { node: "a-1" }, replicas) })),
      [
        "a-1 upToDate Online",
        "b-1 rebuilding rebuilding, 40 %",
        "c-1 failed Faulted",
        "c-2 unknown Online",
        "Mayastor calls the volume Degraded.",
      ],
    );
    const alone = { r1: { node: "a-1", state: "Online" } };
    const online = { volumes: volume("Online", undefined, alone) };
    assert.deepEqual(lines(observe(site, online)), ["a-1 upToDate Online"]);
  });

  it("speaks of Ceph's pool, and of no node", () => {
    const site = cephSite(THREE_SITES);
    const pools = [
      {
        metadata: { name: "atom-data" },
        spec: { failureDomain: "zone", replicated: { size: 3 } },
        status: { phase: "Ready" },
      },
    ];
    const cluster = (health: string, details: object = {}) => [
      { metadata: { name: "c" }, status: { ceph: { health, details } } },
    ];
    const whole = observe(site, { pools, clusters: cluster("HEALTH_OK") });
    assert.deepEqual(lines(whole), Array(3).fill("? upToDate pool"));
    assert.deepEqual(whole.state === "seen" && whole.rule, {
      apart: "sites",
      perSite: 1,
      text: "CRUSH, failure domain zone, at most 1 in each",
    });
    const harmless = cluster("HEALTH_WARN", { OSD_NEARFULL: { message: "1 nearfull osd(s)" } });
    assert.deepEqual(lines(observe(site, { pools, clusters: harmless })), lines(whole));
    const degraded = cluster("HEALTH_WARN", { PG_DEGRADED: { message: "3 pgs degraded" } });
    assert.deepEqual(lines(observe(site, { pools, clusters: degraded })), [
      ...Array<string>(3).fill("? unknown Ceph does not say of which volume a copy is missing"),
      "Ceph reports PG_DEGRADED: 3 pgs degraded.",
    ]);
    assert.deepEqual(lines(observe(site, { pools, clusters: cluster("") })), [
      "unknown: The CephCluster does not say how Ceph is.",
    ]);
    assert.deepEqual(lines(observe(site, { pools, clusters: [] })), [
      "unknown: There are 0 CephClusters in Rook's namespace, one is expected.",
    ]);
    const other = { pool: "other" };
    assert.deepEqual(lines(observe(site, { pools, clusters: cluster("HEALTH_OK") }, other)), [
      "unknown: There is no CephBlockPool rook-ceph/other.",
    ]);
  });

  it("takes the lab's copies from the volume's attributes, for nodes that are ready", () => {
    const node = (name: string, status: string) => ({
      metadata: { name },
      status: { conditions: [{ type: "Ready", status }] },
    });
    const nodes = [node("a-1", "True"), node("b-1", "Unknown")];
    assert.deepEqual(lines(observe(siteOf(), { nodes }, { replicaNodes: "a-1,b-1,c-1" })), [
      "a-1 upToDate the node is ready",
      "b-1 unknown the node is gone or not ready",
      "c-1 unknown the node is gone or not ready",
    ]);
    assert.deepEqual(lines(observe(siteOf(), { nodes })), [
      "unknown: PersistentVolume pv-1 has no volumeAttributes.replicaNodes.",
    ]);
  });
});
