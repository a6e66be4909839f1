import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { siteProblems } from "../../../config/siteProblems";
import type { Finding as DriftFinding } from "../../../drift/types";
import type { Registration } from "../../../engine/program/desiredState";
import { checkSite, planSite } from "../../../planning";
import type { SitePlan } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import { checkBackend } from "../../../site/preflight/backend";
import type { Finding } from "../../../site/preflight/finding";
import { checkVmTake } from "../../../site/preflight/vmTake";
import { judgeDeclared, waive, type RuleFacts } from "../../../site/preflight/rules/judge";
import { storageClass } from "../../drift/fixtures";
import { MACHINES, siteOf } from "../../support/sites";
import { due, hardware, now, sound } from "./vmFixtures";

/** An API server that has the objects given, serves the kinds given, and nothing else. */
export function apiDouble(
  objects: readonly ClusterObject[],
  served: readonly string[] = [],
): ClusterClient {
  const found = (kind: string): ClusterObject[] => objects.filter((one) => one.kind === kind);
  return {
    get: ({ kind, name }: { kind: string; name: string }) =>
      Promise.resolve(found(kind).find(({ metadata }) => metadata.name === name)),
    list: (_: string, kind: string) => Promise.resolve(found(kind)),
    servedVersions: () => Promise.resolve([]),
    resource: (_: string, kind: string) =>
      Promise.resolve(served.includes(kind) ? { plural: kind } : undefined),
  } as unknown as ClusterClient;
}

export function object(
  kind: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): ClusterObject {
  return { apiVersion: "v1", kind, metadata: { name }, ...more };
}

interface Parts {
  /** Accepted; the plan is its plan. */
  readonly site?: Site;
  /** What is wrong with it is found; by default the accepted one. */
  readonly stated?: Site;
  /** In the place of the plan of `site`. */
  readonly plan?: SitePlan;
  readonly declared?: readonly Registration[];
  readonly checks?: readonly Finding[];
  readonly drift?: readonly DriftFinding[];
}

/** What preflight would know of a site. */
export function facts(parts: Parts = {}): RuleFacts {
  const site = parts.site ?? siteOf();
  const plan = parts.plan ?? planSite(site);
  const stated = parts.stated ?? site;
  const found = [...judgeDeclared(plan, parts.declared ?? []), ...(parts.checks ?? [])];
  return {
    plan,
    problems: [...siteProblems(stated), ...checkSite(stated)],
    checks: waive(found, site, now),
    drift: parts.drift ?? [],
    now,
  };
}

/** The classes of a site's plan, as the program registers them. */
export function classesOf(
  site: Site,
  change: Parameters<typeof storageClass>[0] = {},
): Registration[] {
  return planSite(site).classes.map(({ provisioner, parameters, volumeBindingMode }) =>
    storageClass({ provisioner, parameters, volumeBindingMode, ...change }),
  );
}

/** What the backend's checks find in a cluster that has these objects. */
export async function inCluster(
  site: Site,
  objects: readonly ClusterObject[],
  served: readonly string[] = [],
): Promise<RuleFacts> {
  const checks = await checkBackend(apiDouble(objects, served), planSite(site));
  return facts({ site, checks });
}

/** The driver of a site, with an entry on each of its storage nodes but those left out. */
export function driverObjects(site: Site, without: readonly string[] = []): ClusterObject[] {
  const { topology, classes } = planSite(site);
  const [driver = ""] = classes.map(({ provisioner }) => provisioner);
  const nodes = topology.dataSites.flatMap(({ storageNodes }) => storageNodes);
  return [
    object("CSIDriver", driver),
    ...nodes.map((name) =>
      object("CSINode", name, {
        spec: {
          drivers: without.includes(name)
            ? []
            : [{ name: driver, topologyKeys: ["topology.example/zone"] }],
        },
      }),
    ),
  ];
}

/** What is found of a node's VM before its snapshot. */
export function beforeTake(
  vm: Parameters<typeof sound>[0],
  devices: Parameters<typeof hardware>[0] = {},
  take: Parameters<typeof due>[0] = {},
): RuleFacts {
  const site = siteOf({ virtualMachines: MACHINES });
  const [, node] = MACHINES.nodes;
  const checks =
    node === undefined
      ? []
      : checkVmTake({
          site,
          node,
          vm: sound({ hardware: hardware(devices), ...vm }),
          due: [due(take)],
          now,
        });
  return facts({ site, checks });
}
