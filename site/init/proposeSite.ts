import type { BackendId, Failover, SiteTopology } from "../../planning/site";
import { chooseDriver } from "./chooseDriver";
import type { ChosenVms } from "./chooseVms";
import { chooseVms } from "./chooseVms";
import { chooseSites } from "./chooseSites";
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
  readonly failover: Failover;
  /** Why `failover` is manual. */
  readonly failoverWhy: string | undefined;
  readonly topology: SiteTopology;
  readonly namespaces: readonly string[];
  /** Those of `namespaces` that the cluster does not have. */
  readonly absentNamespaces: readonly string[];
  /** Default class of the cluster that is not ours. */
  readonly otherDefault: string | undefined;
  /** Classes of the same driver: their parameters tell what it is used with today. */
  readonly sameDriver: readonly ObservedClass[];
  readonly snapshotKinds: boolean;
  readonly groupSnapshotKinds: boolean;
  readonly vms: ChosenVms;
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
  const { nodes, classes, vcenter } = observation;
  const chosen = chooseDriver(nodes, decisions.driver);
  // Whether labels are missing does not depend on the driver, so that both can be told at once.
  const driver = isRefusal(chosen) ? "" : chosen.driver;
  const topology = chooseSites(nodes, driver, decisions.siteLabel);
  const vms = isRefusal(topology) ? [] : chooseVms(nodes, topology, vcenter);
  const refusals = [chosen, topology, ...("nodes" in vms ? [] : vms)].filter(isRefusal);
  if (isRefusal(chosen) || isRefusal(topology) || !("nodes" in vms)) {
    throw new InitRefusedError(refusals);
  }
  return {
    ...chosen,
    failover: "automatic",
    failoverWhy: undefined,
    topology,
    namespaces: decisions.namespaces,
    absentNamespaces: decisions.namespaces.filter((name) => !observation.namespaces.includes(name)),
    otherDefault: classes.find(({ name, isDefault }) => isDefault && name !== className)?.name,
    sameDriver: classes.filter(
      ({ provisioner, name }) => provisioner === driver && name !== className,
    ),
    snapshotKinds: observation.snapshotKinds,
    groupSnapshotKinds: observation.groupSnapshotKinds,
    vms,
    vcenter,
    context: decisions.context,
    clusterUid: observation.clusterUid,
  };
}

function isRefusal(value: object): value is Refusal {
  return "remedy" in value;
}
