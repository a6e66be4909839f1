import * as fc from "fast-check";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { dataSite, mayastorSite, portworxSite, witnessSite } from "../../support/sites";

const counts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 });

/** One to four data sites of one to three nodes, and up to two witnesses of their own or in the first site. */
const topologies: fc.Arbitrary<readonly FailureDomainSite[]> = fc
  .record({
    nodes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
    witnesses: fc.array(fc.constantFrom(undefined, "a"), { maxLength: 2 }),
    control: fc.option(counts, { nil: undefined }),
  })
  .map(({ nodes, witnesses, control }) => [
    ...nodes.map((count, index) =>
      dataSite(String.fromCharCode("a".charCodeAt(0) + index), count, {
        controlPlaneNodes: control?.[index] ?? 0,
      }),
    ),
    ...witnesses.map((locatedIn, index) =>
      witnessSite(`w${index}`, 1, {
        locatedIn,
        controlPlaneNodes: control?.[nodes.length + index] ?? 0,
      }),
    ),
  ]);

/** Sites of backends whose store of good copies decides by majority, with its members spread or at random. */
export const electedSites: fc.Arbitrary<Site> = fc
  .record({
    sites: topologies,
    backend: fc.constantFrom("mayastor" as const, "portworx" as const),
    factor: fc.integer({ min: 1, max: 3 }),
    members: fc.oneof(
      fc.constant<number[]>([0, 1, 2]),
      fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(5), { minLength: 5, maxLength: 5 }),
    ),
    failover: fc.constantFrom("automatic" as const, "manual" as const),
    survive: fc.constantFrom("node" as const, "site" as const),
  })
  .map(({ sites, backend, factor, members, failover, survive }) => {
    const make = backend === "mayastor" ? mayastorSite : portworxSite;
    const places = members.map((at) => sites[at % sites.length]?.name ?? "");
    const plain = make(sites, { replicationFactor: factor, failover, survive });
    const key = backend === "mayastor" ? "etcdMembers" : "kvdbMembers";
    return { ...plain, backendOptions: { ...plain.backendOptions, [key]: places } };
  });
