import type { JsonMap } from "../../config/rawConfiguration";
import type { BackendId, Failover, SiteTopology } from "../../planning/site";
import { chooseDriver } from "./chooseDriver";
import { chooseSites } from "./chooseSites";
import { chooseVms, type ChosenVms } from "./chooseVms";
import { driverOptions } from "./drivers";
import type { Observation, ObservedClass, ObservedVcenter } from "./observe";
import type { Refusal } from "./refusal";
import { InitRefusedError } from "./refusal";

/** What the operator decided on the command line. */
export interface Decisions {
  /** Context of the kubeconfig; undefined means the current one, which is not written down. */
  readonly context: string | undefined;
  readonly siteLabel: string | undefined;
  readonly driver: string | undefined;
  /** Namespaces of the product. */
  readonly namespaces: readonly string[];
}

/** Everything that a stack file can be written from. */
export interface Proposal {
  readonly driver: string;
  readonly backend: BackendId;
  /** What the driver tells of the backend's options. */
  readonly options: JsonMap;
  readonly failover: Failover;
  /** Why `failover` is manual. */
  readonly failoverWhy: string | undefined;
  readonly topology: SiteTopology;
  readonly namespaces: readonly string[];
  /** Those of `namespaces` that the cluster does not have. */
  readonly absentNamespaces: readonly string[];
  /** Whether ours is to be the default class: as it lives already, else where there is no other. */
  readonly isDefault: boolean;
  /** Default classes of the cluster, ours among them where it lives. */
  readonly defaults: readonly string[];
  /** Classes of the same driver: their parameters tell what it is used with today. */
  readonly sameDriver: readonly ObservedClass[];
  readonly snapshotKinds: boolean;
  readonly groupSnapshotKinds: boolean;
  /** Undefined where no vCenter was named, like the next. */
  readonly vms: ChosenVms | undefined;
  readonly vcenter: Omit<ObservedVcenter, "vms"> | undefined;
  readonly context: string | undefined;
  readonly clusterUid: string;
}

/** Name of the class that is declared when nothing else is said. */
export const className = "atom-replicated";

/**
 * What a stack file for this site would say. Pure.
 *
 * @throws InitRefusedError with all that cannot be told, when it is more than one thing
 */
export function proposeSite(observation: Observation, decisions: Decisions): Proposal {
  const { nodes, classes, vcenter, clusterUid, snapshotKinds, groupSnapshotKinds } = observation;
  const { context, namespaces } = decisions;
  const chosen = chooseDriver(nodes, decisions.driver);
  // Whether labels are missing does not depend on the driver, so that both can be told at once.
  const driver = isRefusal(chosen) ? "" : chosen.driver;
  const topology = chooseSites(nodes, driver, decisions.siteLabel);
  const vms =
    vcenter === undefined || isRefusal(topology) ? undefined : chooseVms(nodes, topology, vcenter);
  const refused = vms === undefined || "nodes" in vms ? [] : vms;
  if (isRefusal(chosen) || isRefusal(topology) || !(vms === undefined || "nodes" in vms)) {
    throw new InitRefusedError([chosen, topology, ...refused].filter(isRefusal));
  }
  const own = classes.find(({ name }) => name === className);
  const others = classes.filter((one) => one !== own);
  const defaults = classes.filter(({ isDefault }) => isDefault).map(({ name }) => name);
  const sameDriver = others.filter(({ provisioner }) => provisioner === driver);
  return {
    ...chosen,
    options: driverOptions(chosen, sameDriver),
    failover: "automatic",
    failoverWhy: undefined,
    topology,
    namespaces,
    absentNamespaces: namespaces.filter((name) => !observation.namespaces.includes(name)),
    isDefault: own?.isDefault ?? defaults.length === 0,
    defaults,
    sameDriver,
    snapshotKinds,
    groupSnapshotKinds,
    vms,
    vcenter,
    context,
    clusterUid,
  };
}

function isRefusal(value: object): value is Refusal {
  return "remedy" in value;
}
