import * as fc from "fast-check";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { topologyRules } from "../../../planning/checks/topology";
import { totalCapacity } from "../../../planning/topology";
import { withVms } from "./randomVms";
import { electedSites, quorumSites } from "./quorumSites";
import {
  dataSite,
  genericSite,
  LINSTOR_OPTIONS,
  siteOf,
  witnessSite,
  ZONE,
} from "../../support/sites";

/** One to four data sites of one to three nodes, up to two witnesses, any control plane: at most ten data nodes. */
const topologies: fc.Arbitrary<readonly FailureDomainSite[]> = fc
  .record({
    data: fc.array(fc.record({ nodes: fc.integer({ min: 1, max: 3 }), cp: cpCount() }), {
      minLength: 1,
      maxLength: 4,
    }),
    witnesses: fc.array(
      fc.record({
        nodes: fc.integer({ min: 1, max: 2 }),
        cp: cpCount(),
        // A number of a data site, or -1 for the first witness.
        locatedIn: fc.option(fc.integer({ min: -1, max: 3 }), { nil: undefined }),
      }),
      { maxLength: 2 },
    ),
    stated: fc.boolean(),
    converged: fc.boolean(),
  })
  .map(({ data, witnesses, stated, converged }) => [
    ...data.map(({ nodes, cp }, index) =>
      dataSite(letter(index), nodes, {
        controlPlaneNodes: stated ? cp : 0,
        converged: stated && converged && cp === nodes,
      }),
    ),
    ...witnesses.map(({ nodes, cp, locatedIn }, index) =>
      witnessSite(`w${index}`, nodes, {
        controlPlaneNodes: stated ? cp : 0,
        locatedIn: host(locatedIn, index, data.length),
      }),
    ),
  ]);

function cpCount(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 3 });
}

function host(at: number | undefined, witness: number, dataSites: number): string | undefined {
  if (at === undefined || (at < 0 && witness === 0)) {
    return undefined;
  }
  return at < 0 ? "w0" : letter(at % dataSites);
}

function letter(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

/** Sites of backends without monitors, in any topology. */
const anySites: fc.Arbitrary<Site> = fc
  .record({
    sites: topologies,
    factor: fc.integer({ min: 1, max: 5 }),
    backend: fc.constantFrom("lab" as const, "linstor" as const, "longhorn" as const),
    automatic: fc.boolean(),
    quorum: fc.constantFrom("auto", "majority"),
    survive: fc.constantFrom("node" as const, "site" as const),
  })
  .map(({ sites, factor, backend, automatic, quorum, survive }) =>
    siteOf({
      backend,
      replicationFactor: factor,
      survive,
      failover: automatic && backend !== "lab" ? "automatic" : "manual",
      backendOptions: backend === "linstor" ? { ...LINSTOR_OPTIONS, quorum } : {},
      topology: { siteLabel: ZONE, sites },
    }),
  )
  .filter(isPlaceable);

function isPlaceable({ topology, replicationFactor }: Site): boolean {
  return (
    topologyRules(topology).every(([broken]) => !broken) &&
    totalCapacity(topology, replicationFactor) >= replicationFactor
  );
}

/** A storage of which any of the losses is stated to be survived. */
const statedSites: fc.Arbitrary<Site> = fc
  .record({
    sites: topologies,
    factor: fc.integer({ min: 1, max: 4 }),
    automatic: fc.boolean(),
    survives: fc.subarray(["node", "host", "datastore", "site", "witness", "link"]),
    snapshotsWithCopies: fc.boolean(),
    survive: fc.constantFrom("node" as const, "site" as const),
  })
  .map(({ sites, factor, automatic, survives, snapshotsWithCopies, survive }) =>
    genericSite(
      {
        spread: sites.filter(({ role }) => role === "data").length > 1 ? "sites" : "nodes",
        ...(automatic ? { failoverMechanism: "a controller" } : {}),
        survives,
        snapshotsWithCopies,
      },
      {
        replicationFactor: factor,
        survive,
        failover: automatic ? "automatic" : "manual",
        topology: { siteLabel: ZONE, sites },
      },
    ),
  )
  .filter(isPlaceable);

/** Sites whose copies can be placed, with their nodes on hosts and datastores; not all of them are accepted. */
export const placeableSites: fc.Arbitrary<Site> = withVms(
  fc.oneof(
    { weight: 3, arbitrary: anySites },
    { weight: 2, arbitrary: quorumSites },
    { weight: 2, arbitrary: electedSites.filter(isPlaceable) },
    { weight: 1, arbitrary: statedSites },
  ),
);
