import { isLiving } from "../../../planning/pointMembers";
import { takenAt } from "../../../planning/restorePoints";
import type {
  FailoverPlan,
  Loss,
  RestorePointPlan,
  SiteNodes,
  SitePlan,
  TopologyPlan,
  Verdict,
} from "../../../planning/plan";
import { lossTitle } from "../../../planning/survival/lossTitle";
import type { PointFile, Site, TakenVmSnapshot, Waiver } from "../../../planning/site";

/** A plan written by hand, so that a test says all that it depends on. */
export interface PlanWish {
  readonly stack?: string;
  readonly backend?: Site["backend"];
  readonly factor?: number;
  readonly survive?: Site["survive"];
  readonly dataSites?: readonly SiteNodes[];
  readonly witnessSites?: readonly SiteNodes[];
  readonly replicasPerSite?: Readonly<Record<string, number>>;
  readonly verdicts?: readonly Verdict[];
  readonly failover?: FailoverPlan;
  readonly points?: readonly PointFile[];
  readonly waivers?: readonly Waiver[];
  readonly className?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export function siteNodes(name: string, nodes: number, controlPlaneNodes = 1): SiteNodes {
  const storageNodes = Array.from({ length: nodes }, (_, index) => `${name}-${index + 1}`);
  return { name, storageNodes, controlPlaneNodes, locatedIn: undefined };
}

export function verdict(loss: Loss, wish: Partial<Verdict> = {}): Verdict {
  const kept = {
    readable: true,
    writable: true,
    unattended: true,
    splitBrain: false,
    acknowledgedWritesLost: false,
    restorePointsReadable: "yes" as const,
    restorePointsRule: "volume snapshots stay with the copies that stay",
    ...wish,
  };
  return {
    loss,
    title: lossTitle(NO_SITES, loss),
    rule: "one copy is left",
    survived: kept.readable && kept.writable && !kept.splitBrain && !kept.acknowledgedWritesLost,
    ...kept,
  };
}

/** Titles of these losses need no site but for witnesses that stand in another's building, and here none does. */
const NO_SITES: TopologyPlan = {
  siteLabel: "topology.kubernetes.io/zone",
  dataSites: [],
  witnessSites: [],
  independentSites: 0,
  spread: "nodes",
  maxPerSite: 1,
  replicasPerSite: {},
};

export function allLosses(sites: readonly SiteNodes[]): readonly Loss[] {
  return [
    ...sites.flatMap(({ name, storageNodes }) =>
      storageNodes.map((node): Loss => ({ kind: "node", node, site: name })),
    ),
    ...sites.map(({ name }): Loss => ({ kind: "site", site: name })),
  ];
}

export function point(wish: Partial<PointFile> = {}): PointFile {
  return {
    name: "pre-24.1",
    release: "24.1",
    volumes: false,
    virtualMachines: "all",
    consistency: "crash",
    memory: false,
    quiesce: false,
    expires: "2026-12-01T00:00:00Z",
    state: "ready",
    vms: [member("a-1", "snapshot-11"), member("b-1", "snapshot-12")],
    ...wish,
  };
}

export function member(
  node: string,
  handle: string,
  wish: Partial<TakenVmSnapshot> = {},
): TakenVmSnapshot {
  const uuid = `4200000${handle.length}-0000-4000-8000-0000000000${handle.slice(-2)}`;
  return {
    node,
    uuid,
    handle,
    takenAt: "2026-11-22T10:00:00Z",
    ...wish,
  };
}

export function planOf(wish: PlanWish = {}): SitePlan {
  const dataSites = wish.dataSites ?? [siteNodes("a", 2), siteNodes("b", 2), siteNodes("c", 2)];
  const witnessSites = wish.witnessSites ?? [];
  const factor = wish.factor ?? 2;
  const points = wish.points ?? [];
  const site = siteOf(wish, [...dataSites, ...witnessSites], witnessSites, points);
  const promised = site.survive;
  const verdicts = wish.verdicts ?? allLosses(dataSites).map((loss) => verdict(loss));
  return {
    site,
    topology: {
      siteLabel: site.topology.siteLabel,
      dataSites,
      witnessSites,
      independentSites: dataSites.length + witnessSites.length,
      spread: dataSites.length > 1 ? "sites" : "nodes",
      maxPerSite: Math.ceil(factor / dataSites.length),
      replicasPerSite: wish.replicasPerSite ?? { a: 1, b: 1, c: 0 },
    },
    classes: [
      {
        spec: site.classes[0] ?? assertNever(),
        provisioner: "lab.csi.atom",
        parameters: wish.parameters ?? { replicas: String(factor) },
        allowedTopologies: undefined,
        volumeBindingMode: "WaitForFirstConsumer",
        mountOptions: [],
      },
    ],
    snapshotClass: {
      name: "atom-snapshots",
      driver: "lab.csi.atom",
      deletionPolicy: "Retain",
      parameters: {},
    },
    groupSnapshotClass: undefined,
    snapshotController: undefined,
    companions: [],
    failover: wish.failover ?? {
      mode: "automatic",
      mechanism: "A controller moves the pods.",
      rebuilds: "Lost copies are rebuilt.",
    },
    survival: { promised, verdicts, summary: "The summary of the plan." },
    restorePoints: points.map(pointPlan),
    raise: { existingVolumes: "unchanged", command: undefined },
  };
}

function siteOf(
  wish: PlanWish,
  sites: readonly SiteNodes[],
  witnesses: readonly SiteNodes[],
  restorePoints: readonly PointFile[],
): Site {
  return {
    stack: wish.stack ?? "lab",
    replicationFactor: wish.factor ?? 2,
    survive: wish.survive ?? "site",
    failover: wish.failover?.mode ?? "automatic",
    backend: wish.backend ?? "lab",
    backendVersion: undefined,
    backendOptions: {},
    product: {
      namespaces: ["atom"],
      selector: undefined,
      workloads: undefined,
      helmReleases: undefined,
      hooks: [],
      probe: undefined,
    },
    topology: {
      siteLabel: "topology.kubernetes.io/zone",
      sites: sites.map((site) => ({
        ...site,
        role: witnesses.includes(site) ? "witness" : "data",
      })),
    },
    classes: [
      {
        name: wish.className ?? "atom-replicated",
        default: true,
        reclaimPolicy: "Retain",
        fsType: undefined,
        encryption: false,
        expansion: true,
        mountOptions: [],
        options: {},
      },
    ],
    snapshots: {
      className: "atom-snapshots",
      deletionPolicy: "Retain",
      group: "auto",
      installController: false,
      controllerImage: undefined,
      controllerNamespace: "kube-system",
      maxSpreadSeconds: 5,
    },
    restorePoints,
    restorePointsDir: "stacks/restore-points",
    catalogDir: ".pulumi-state/catalog",
    virtualMachines: {
      server: "vcenter.example",
      user: "backup",
      allowUnverifiedSsl: false,
      nodes: [],
      maxDepth: 3,
      maxAgeHours: 72,
      apiTimeoutMinutes: 60,
    },
    retention: {},
    nodeBackups: { etcd: undefined },
    cluster: { context: undefined, clusterUid: undefined, namespace: "atom-backup" },
    waivers: wish.waivers ?? [],
  };
}

function pointPlan(file: PointFile): RestorePointPlan {
  return {
    name: file.name,
    release: file.release,
    state: file.state,
    takenAt: takenAt(file),
    intended: file.vms.map(({ node }) => node),
    volumes: file.volumes,
    virtualMachines: file.vms.filter(isLiving).map((taken) => ({
      node: taken.node,
      resourceName: `${file.name}-vm-${taken.node}`,
      uuid: taken.uuid,
      snapshotName: `atom.lab.${file.name}`,
      description: "Taken by atom-backup.",
      memory: file.memory,
      quiesce: file.quiesce,
      taken,
      after: undefined,
    })),
  };
}

function assertNever(): never {
  throw new Error("the site has a class");
}
