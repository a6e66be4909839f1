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
import { lossTitle } from "../../../planning/survival/losses";
import type { PointFile, Site, TakenVmSnapshot, Waiver } from "../../../planning/site";
import { pointFile, vmMember } from "../../support/points";
import { classSpec, MACHINES, siteOf, ZONE } from "../../support/sites";

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
  return { name, storageNodes, controlPlaneNodes, converged: false, locatedIn: undefined };
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
  siteLabel: ZONE,
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

/** A point that was taken of two VMs. */
export function point(wish: Partial<PointFile> = {}): PointFile {
  const vms = [member("a-1", "snapshot-11"), member("b-1", "snapshot-12")];
  return pointFile({ state: "ready", expires: "2026-12-01T00:00:00Z", vms, ...wish });
}

export function member(
  node: string,
  handle: string,
  wish: Partial<TakenVmSnapshot> = {},
): TakenVmSnapshot {
  const uuid = `4200000${handle.length}-0000-4000-8000-0000000000${handle.slice(-2)}`;
  return vmMember(node, handle, uuid, { takenAt: "2026-11-22T10:00:00Z", ...wish });
}

export function planOf(wish: PlanWish = {}): SitePlan {
  const dataSites = wish.dataSites ?? [siteNodes("a", 2), siteNodes("b", 2), siteNodes("c", 2)];
  const witnessSites = wish.witnessSites ?? [];
  const factor = wish.factor ?? 2;
  const points = wish.points ?? [];
  const failover = wish.failover ?? {
    mode: "automatic",
    mechanism: "A controller moves the pods.",
    rebuilds: "Lost copies are rebuilt.",
  };
  const site = siteOf({
    stack: wish.stack ?? "lab",
    replicationFactor: factor,
    survive: wish.survive ?? "site",
    failover: failover.mode,
    backend: wish.backend ?? "lab",
    topology: {
      siteLabel: ZONE,
      sites: [...dataSites, ...witnessSites].map((one) => ({
        ...one,
        role: witnessSites.includes(one) ? "witness" : "data",
      })),
    },
    classes: [classSpec({ name: wish.className ?? "atom-replicated" })],
    restorePoints: points,
    virtualMachines: { ...MACHINES, nodes: [] },
    waivers: wish.waivers ?? [],
  });
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
        spec: classSpec({ name: wish.className ?? "atom-replicated" }),
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
    velero: [],
    alerts: undefined,
    failover,
    survival: { promised, verdicts, summary: "The summary of the plan." },
    restorePoints: points.map(pointPlan),
    raise: { existingVolumes: "unchanged", command: undefined },
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
