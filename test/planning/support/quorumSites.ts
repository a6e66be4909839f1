import * as fc from "fast-check";
import type { FailureDomainSite, Site } from "../../../planning/site";
import {
  cephSite,
  dataSite,
  mayastorSite,
  portworxSite,
  VSAN_OPTIONS,
  vsanSite,
  witnessSite,
} from "../../support/sites";

const LETTERS = ["a", "b", "c", "d"];

const common = {
  control: fc.option(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }), {
    nil: undefined,
  }),
  failover: fc.constantFrom("automatic" as const, "manual" as const),
  survive: fc.constantFrom("node" as const, "site" as const),
};

/** Sites of the given numbers of nodes, and a witness for each entry: `own`, or in the first or second data site. */
function sitesOf(
  nodes: readonly number[],
  witnesses: readonly ("own" | "a" | "b")[],
  control: readonly number[] | undefined,
): readonly FailureDomainSite[] {
  return [
    ...nodes.map((count, index) =>
      dataSite(LETTERS[index] ?? "", count, { controlPlaneNodes: control?.[index] ?? 0 }),
    ),
    ...witnesses.map((at, index) =>
      witnessSite(`w${index}`, 1, {
        locatedIn: at === "own" ? undefined : at,
        controlPlaneNodes: control?.[nodes.length + index] ?? 0,
      }),
    ),
  ];
}

function arrays(sites: number, from: number, to: number): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.integer({ min: from, max: to }), { minLength: sites, maxLength: sites });
}

/** A stretch cluster, whose arbiter may stand in a data site. */
const stretchClusters: fc.Arbitrary<Site> = fc
  .record({ ...common, nodes: arrays(2, 2, 3), at: fc.constantFrom("own", "a", "b") })
  .map(({ nodes, at, control, failover, survive }) =>
    cephSite(sitesOf(nodes, [at], control), {
      failover,
      survive,
      replicationFactor: 4,
    }),
  );

/** Other layouts of Ceph, with three or five monitors anywhere. */
const cephClusters: fc.Arbitrary<Site> = fc
  .record({
    ...common,
    shape: fc.constantFrom(
      { sites: 1, factors: [2, 3], nodes: [3, 4] },
      { sites: 2, factors: [2, 4], nodes: [2, 3] },
      { sites: 3, factors: [2, 3], nodes: [1, 2] },
      { sites: 4, factors: [2, 3, 4], nodes: [1, 2] },
    ),
    factor: fc.nat(2),
    nodes: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
    witness: fc.constantFrom(undefined, "own" as const, "a" as const),
    monitors: fc.oneof(
      fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
    ),
  })
  .map(({ shape, factor, nodes, witness, monitors, control, failover, survive }) => {
    const counts = nodes.slice(0, shape.sites).map((extra) => shape.nodes[extra] ?? 1);
    // Two data sites with a witness are a stretch cluster, which has a shape of its own.
    const witnesses = witness === undefined || shape.sites === 2 ? [] : [witness];
    const sites = sitesOf(counts, witnesses, control);
    return cephSite(sites, {
      failover,
      survive,
      replicationFactor: shape.factors[factor % shape.factors.length] ?? 2,
      backendOptions: {
        nodeHealthCheck: "atom-nodes",
        monitors: monitors.map((at) => sites[at % sites.length]?.name ?? ""),
      },
    });
  });

/** vSAN in one site, or stretched over two. */
const vsanClusters: fc.Arbitrary<Site> = fc
  .record({
    ...common,
    stretched: fc.boolean(),
    tolerate: fc.integer({ min: 0, max: 1 }),
    nodes: arrays(2, 2, 3),
    at: fc.constantFrom("own", "a", "b"),
    preferred: fc.constantFrom(undefined, "a", "b"),
  })
  .map(({ stretched, tolerate, nodes, at, preferred, control, failover, survive }) => {
    const sites = sitesOf(
      stretched ? nodes : nodes.slice(0, 1),
      [at === "b" && !stretched ? "a" : at],
      control,
    );
    const options = { ...VSAN_OPTIONS, failuresToTolerate: stretched ? tolerate : 1 };
    return vsanSite(sites, {
      failover,
      survive,
      replicationFactor: stretched ? 2 * (tolerate + 1) : 2,
      backendOptions: stretched
        ? { ...options, ...(preferred === undefined ? {} : { preferredSite: preferred }) }
        : { ...options, siteDisasterTolerance: "none" },
    });
  });

/**
 * Sites of backends whose store of good copies decides by majority, with its members spread or at random: one to four
 * data sites of one to three nodes, and up to two witnesses of their own or in the first site.
 */
export const electedSites: fc.Arbitrary<Site> = fc
  .record({
    ...common,
    nodes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
    witnesses: fc.array(fc.constantFrom("own", "a"), { maxLength: 2 }),
    backend: fc.constantFrom("mayastor" as const, "portworx" as const),
    factor: fc.integer({ min: 1, max: 3 }),
    members: fc.oneof(
      fc.constant<number[]>([0, 1, 2]),
      fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
      fc.array(fc.nat(5), { minLength: 5, maxLength: 5 }),
    ),
  })
  .map(({ nodes, witnesses, control, backend, factor, members, failover, survive }) => {
    const make = backend === "mayastor" ? mayastorSite : portworxSite;
    const sites = sitesOf(nodes, witnesses, control);
    const places = members.map((at) => sites[at % sites.length]?.name ?? "");
    const plain = make(sites, { replicationFactor: factor, failover, survive });
    const key = backend === "mayastor" ? "etcdMembers" : "kvdbMembers";
    return { ...plain, backendOptions: { ...plain.backendOptions, [key]: places } };
  });

/** Sites of backends whose monitors or witness decide; the placement of each is one that the backend can hold. */
export const quorumSites: fc.Arbitrary<Site> = fc.oneof(
  stretchClusters,
  cephClusters,
  vsanClusters,
);
