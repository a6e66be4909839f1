import assert from "node:assert/strict";
import { backendOf, planTopology } from "../../../planning";
import type { Loss } from "../../../planning/plan";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { dataSite, LINSTOR_OPTIONS, linstorSite, witnessSite } from "../../support/sites";

/** What the sentence of a cell comes to. */
const OK = { readable: true, splitBrain: false, acknowledgedWritesLost: false };
const STOPS = { readable: false, splitBrain: false, acknowledgedWritesLost: false };
const LOST = { readable: false, splitBrain: false, acknowledgedWritesLost: true };
const SPLIT_BRAIN = { readable: true, splitBrain: true, acknowledgedWritesLost: true };

interface Row {
  readonly layout: string;
  readonly sites: readonly FailureDomainSite[];
  readonly factor: number;
  readonly quorum?: "majority";
  readonly cells: readonly (readonly [Loss, typeof OK, string])[];
}

const node = (name: string, site: string): Loss => ({ kind: "node", node: name, site });
const site = (name: string): Loss => ({ kind: "site", site: name });
const witness = (name: string): Loss => ({ kind: "witness", site: name });
const link = (one: string, two: string): Loss => ({ kind: "link", between: [one, two] });
const both = (one: string, two: string): Loss => ({ kind: "sites", sites: [one, two] });

const cp = (controlPlaneNodes: number): Partial<FailureDomainSite> => ({ controlPlaneNodes });
/** With two buildings a majority of the control plane can only stand in one of them: A. */
const TWO_IN_A = [dataSite("a", 2, cp(2)), dataSite("b", 2, cp(1))];
const TWO_AND_C = [dataSite("a", 2, cp(1)), dataSite("b", 2, cp(1)), witnessSite("c", 1, cp(1))];
const THREE = ["a", "b", "c"].map((name) => dataSite(name, 2, cp(1)));

const CP = "2 of 3 control-plane nodes stay (2 needed)";
const CP_LEFT_1 = "1 of 3 control-plane nodes stays (2 needed), so no pod can be started elsewhere";
const off = (what: string): string =>
  `2 copies without a tie-breaker cannot tell ${what} from a cut network, so LINSTOR turns quorum off ` +
  "and both copies may be written; a third place for the tie-breaker is needed";

/**
 * The LINSTOR table of failure arithmetic, each cell translated by hand. Cells that say either/or are two rows (quorum
 * off, and majority forced); "two sites" is read as a data site with the witness, and as both data sites.
 */
const ROWS: readonly Row[] = [
  {
    layout: "2 copies in A and B, tie-breaker in C",
    sites: TWO_AND_C,
    factor: 2,
    cells: [
      [node("a-1", "a"), OK, "2 of 3 votes stay (2 needed): 1 copy and the tie-breaker"],
      [node("c-1", "c"), OK, "2 of 3 votes stay (2 needed): 2 copies, the tie-breaker is lost"],
      [site("a"), OK, `2 of 3 votes stay (2 needed): 1 copy and the tie-breaker; ${CP}`],
      [site("b"), OK, `2 of 3 votes stay (2 needed): 1 copy and the tie-breaker; ${CP}`],
      [witness("c"), OK, `2 of 3 votes stay (2 needed): 2 copies, the tie-breaker is lost; ${CP}`],
      [
        link("a", "b"),
        OK,
        "the side of a sees 2 of 3 votes and the side of b 2 (2 needed), so reads and writes go on where they are",
      ],
      [
        both("a", "c"),
        STOPS,
        `1 of 3 votes stays (2 needed): 1 copy, the tie-breaker is lost, so reads and writes stop; ${CP_LEFT_1}`,
      ],
      [both("a", "b"), LOST, `both copies are lost with sites a and b; ${CP_LEFT_1}`],
    ],
  },
  {
    layout: "2 copies in A and B, no third site, quorum off",
    sites: TWO_IN_A,
    factor: 2,
    cells: [
      [node("a-1", "a"), SPLIT_BRAIN, off("node a-1")],
      [site("b"), SPLIT_BRAIN, `${off("site b")}; ${CP}`],
      [site("a"), { ...SPLIT_BRAIN, readable: false }, `${off("site a")}; ${CP_LEFT_1}`],
      [link("a", "b"), SPLIT_BRAIN, off("the link between a and b")],
      [
        both("a", "b"),
        LOST,
        "both copies are lost with sites a and b; 0 of 3 control-plane nodes stay (2 needed), so no pod can be started elsewhere",
      ],
    ],
  },
  {
    layout: "2 copies in A and B, no third site, majority forced",
    sites: TWO_IN_A,
    factor: 2,
    quorum: "majority",
    cells: [
      [node("a-1", "a"), STOPS, "1 of 2 votes stays (2 needed): 1 copy, so reads and writes stop"],
      [site("b"), STOPS, `1 of 2 votes stays (2 needed): 1 copy, so reads and writes stop; ${CP}`],
      [
        link("a", "b"),
        STOPS,
        "the side of a sees 1 of 2 votes and the side of b 1 (2 needed); workloads of a stop: the control plane can start them nowhere",
      ],
    ],
  },
  {
    layout: "2 copies in A and B, tie-breaker in A too",
    sites: [...TWO_IN_A, witnessSite("w", 1, { locatedIn: "a" })],
    factor: 2,
    cells: [
      [node("b-1", "b"), OK, "2 of 3 votes stay (2 needed): 1 copy and the tie-breaker"],
      [
        site("a"),
        STOPS,
        `1 of 3 votes stays (2 needed): 1 copy, the tie-breaker is lost, so reads and writes stop; ${CP_LEFT_1}`,
      ],
      [site("b"), OK, `2 of 3 votes stay (2 needed): 1 copy and the tie-breaker; ${CP}`],
      [
        link("a", "b"),
        OK,
        "the side of a sees 2 of 3 votes and the side of b 1 (2 needed); workloads of b move to a",
      ],
    ],
  },
  {
    layout: "3 copies in A, B and C",
    sites: THREE,
    factor: 3,
    cells: [
      [node("a-1", "a"), OK, "2 of 3 votes stay (2 needed): 2 copies"],
      [site("a"), OK, `2 of 3 votes stay (2 needed): 2 copies; ${CP}`],
      [site("c"), OK, `2 of 3 votes stay (2 needed): 2 copies; ${CP}`],
      [
        link("a", "b"),
        OK,
        "the side of a sees 2 of 3 votes and the side of b 2 (2 needed), so reads and writes go on where they are",
      ],
      [
        both("a", "b"),
        STOPS,
        `1 of 3 votes stays (2 needed): 1 copy, so reads and writes stop; ${CP_LEFT_1}`,
      ],
    ],
  },
  {
    layout: "3 copies, 2 in A and 1 in B",
    sites: [dataSite("a", 2, cp(2)), dataSite("b", 1, cp(1))],
    factor: 3,
    cells: [
      [node("a-1", "a"), OK, "2 of 3 votes stay (2 needed): 2 copies"],
      [
        site("a"),
        STOPS,
        `1 of 3 votes stays (2 needed): 1 copy, so reads and writes stop; ${CP_LEFT_1}`,
      ],
      [site("b"), OK, `2 of 3 votes stay (2 needed): 2 copies; ${CP}`],
      [
        link("a", "b"),
        OK,
        "the side of a sees 2 of 3 votes and the side of b 1 (2 needed); workloads of b move to a",
      ],
    ],
  },
  {
    layout: "4 copies, 2 in A and 2 in B, tie-breaker in C",
    sites: TWO_AND_C,
    factor: 4,
    cells: [
      [node("a-1", "a"), OK, "4 of 5 votes stay (3 needed): 3 copies and the tie-breaker"],
      [site("a"), OK, `3 of 5 votes stay (3 needed): 2 copies and the tie-breaker; ${CP}`],
      [witness("c"), OK, `4 of 5 votes stay (3 needed): 4 copies, the tie-breaker is lost; ${CP}`],
      [
        link("a", "b"),
        OK,
        "the side of a sees 3 of 5 votes and the side of b 3 (3 needed), so reads and writes go on where they are",
      ],
    ],
  },
];

describe("LINSTOR's failure arithmetic", () => {
  for (const row of ROWS) {
    describe(row.layout, () => {
      const planned: Site = linstorSite(row.sites, {
        replicationFactor: row.factor,
        backendOptions: {
          ...LINSTOR_OPTIONS,
          ...(row.quorum === undefined ? {} : { quorum: row.quorum }),
        },
      });
      for (const [loss, expected, rule] of row.cells) {
        it(`${JSON.stringify(loss)}: ${rule}`, () => {
          const topology = planTopology(planned.topology, row.factor);
          const verdict = backendOf("linstor")?.survival({ site: planned, topology }, loss);
          assert.ok(verdict !== undefined);
          const { readable, splitBrain, acknowledgedWritesLost } = verdict;
          assert.deepEqual({ readable, splitBrain, acknowledgedWritesLost }, expected);
          assert.equal(verdict.survived, expected === OK);
          assert.equal(verdict.unattended, expected === OK);
          assert.equal(verdict.rule, rule);
        });
      }
    });
  }
});
