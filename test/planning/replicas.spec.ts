import assert from "node:assert/strict";
import fc from "fast-check";
import type { ReplicaState, Observation, SeenReplica } from "../../planning/backends/observation";
import { judgeReplicas, type ReplicaRule } from "../../planning/replicas";
import { planTopology } from "../../planning/topology";
import { dataSite, THREE_SITES } from "../support/sites";

/** Node a-1 stands in site a; x-… has no label. */
function rule(factor = 2, sites = THREE_SITES): ReplicaRule {
  return {
    factor,
    topology: planTopology({ siteLabel: "zone", sites }, factor),
    siteOf: (node) => (node.startsWith("x-") ? undefined : node.split("-")[0]),
  };
}

function copy(
  node: string | undefined,
  state: ReplicaState = "upToDate",
  detail = "d",
): SeenReplica {
  return { node, state, detail };
}

function seen(replicas: readonly SeenReplica[], troubles: readonly string[] = []): Observation {
  return { state: "seen", replicas, rule: undefined, tieBreakers: [], troubles };
}

function messages(observation: Observation, judgedBy = rule()): string[] {
  return judgeReplicas(judgedBy, observation).problems.map(
    ({ kind, message }) => `${kind}: ${message}`,
  );
}

describe("the judgement of a volume's copies", () => {
  it("has nothing to say of copies that are whole and apart", () => {
    assert.deepEqual(judgeReplicas(rule(), seen([copy("b-1"), copy("a-2")])), {
      upToDate: 2,
      sites: ["a", "b"],
      problems: [],
    });
  });

  const cases: readonly (readonly [string, Observation, readonly string[]])[] = [
    ["no copy", seen([]), ["not-enough: 0 copies are up to date, 2 are planned."]],
    ["one copy", seen([copy("a-1")]), ["not-enough: 1 copy is up to date, 2 are planned."]],
    [
      "a copy that is rebuilt",
      seen([copy("a-1"), copy("b-1", "rebuilding", "SyncTarget")]),
      [
        "not-enough: 1 copy is up to date, 2 are planned.",
        "not-up-to-date: The copy on b-1 is not up to date yet (SyncTarget).",
      ],
    ],
    [
      "a failed copy beside two good ones",
      seen([copy("a-1"), copy("b-1"), copy("a-2", "failed", "Faulted")]),
      ["not-up-to-date: The copy on a-2 has failed (Faulted)."],
    ],
    [
      "a copy of which nothing is known",
      seen([copy("a-1"), copy("b-1", "unknown", "no state")]),
      [
        "unknown: 1 copy is known to be up to date, 2 are planned; of 1 it is unknown.",
        "unknown: The copy on b-1 is in an unknown state (no state).",
      ],
    ],
    [
      "two copies in one site",
      seen([copy("a-1"), copy("a-2")]),
      ["one-site: 2 of its copies stand in site a, at most 1 may."],
    ],
    [
      "two copies on one node",
      seen([copy("a-1"), copy("a-1")]),
      [
        "one-node: 2 of its copies stand on node a-1.",
        "one-site: 2 of its copies stand in site a, at most 1 may.",
      ],
    ],
    [
      "a node without the site label",
      seen([copy("a-1"), copy("x-1")]),
      ["unknown: Label zone of node x-1 cannot be read, so the sites of its copies are not known."],
    ],
    [
      "a copy on no known node",
      seen([copy("a-1"), copy(undefined)]),
      ["unknown: The nodes of 1 of its copies are unknown."],
    ],
    [
      "a surplus copy of which nothing is known",
      {
        ...seen([copy(undefined), copy(undefined), copy(undefined, "unknown")]),
        rule: { apart: "sites", perSite: 1, text: "CRUSH" },
      } as Observation,
      ["unknown: Of 1 copy it is unknown whether it is up to date."],
    ],
    [
      "the backend's own word",
      seen([copy("a-1"), copy("b-1")], ["It is degraded."]),
      ["trouble: It is degraded."],
    ],
    ["what could not be read", { state: "unknown", why: "It is gone." }, ["unknown: It is gone."]],
  ];
  for (const [title, observation, expected] of cases) {
    it(`names ${title}`, () => {
      assert.deepEqual(messages(observation), expected);
    });
  }

  it("does not ask for sites where copies are spread over nodes", () => {
    const one = rule(2, [dataSite("a", 3)]);
    assert.deepEqual(messages(seen([copy("a-1"), copy("a-2")]), one), []);
    assert.deepEqual(messages(seen([copy("a-1"), copy("x-2")]), one), []);
  });

  it("judges the rule where no copy names its node", () => {
    const placed = (apart: "sites" | "nodes" | "unknown", perSite?: number): string[] =>
      messages({
        state: "seen",
        replicas: [copy(undefined), copy(undefined)],
        rule: { apart, perSite, text: "CRUSH, failure domain d" },
        tieBreakers: [],
        troubles: [],
      });
    assert.deepEqual(placed("sites", 1), []);
    assert.deepEqual(placed("sites", 2), [
      "one-site: CRUSH, failure domain d; at most 1 may stand in one site.",
    ]);
    assert.deepEqual(placed("nodes"), [
      "one-site: Nothing keeps its copies in different sites: CRUSH, failure domain d.",
    ]);
    assert.deepEqual(placed("unknown"), [
      "unknown: What keeps its copies apart is not known here: CRUSH, failure domain d.",
    ]);
  });

  it("never calls fine what was not read, or is not as planned", () => {
    const node = fc.constantFrom("a-1", "a-2", "b-1", "c-1", "x-1", undefined);
    const state = fc.constantFrom<ReplicaState>("upToDate", "rebuilding", "failed", "unknown");
    const replicas = fc.array(fc.record({ node, state, detail: fc.constant("d") }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(replicas, fc.integer({ min: 1, max: 3 }), (some, factor) => {
        const judged = judgeReplicas(rule(factor), seen(some));
        const nodes = some.map((one) => one.node);
        const sites = nodes.map((name) => name?.split("-")[0]);
        const fine =
          some.length >= factor &&
          some.every((one) => one.state === "upToDate") &&
          nodes.every((name) => name !== undefined && name !== "x-1") &&
          new Set(nodes).size === nodes.length &&
          new Set(sites).size === sites.length;
        assert.equal(judged.problems.length === 0, fine, JSON.stringify(some));
        if (some.some((one) => one.state === "unknown")) {
          assert.equal(judged.upToDate, undefined);
        }
      }),
    );
  });
});
