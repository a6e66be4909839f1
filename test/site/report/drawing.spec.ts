import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Box, layOut } from "../../../site/report/layout";
import { pageOf } from "./page";
import { planOf, siteNodes } from "./plans";

const linstor = {
  backend: "linstor",
  dataSites: [siteNodes("north", 2), siteNodes("south", 2)],
  witnessSites: [siteNodes("third", 1)],
  replicasPerSite: { north: 1, south: 1 },
} as const;

describe("the drawing", () => {
  for (const variant of ["wide", "narrow"]) {
    it(`${variant}: draws every site, storage node and control-plane row once`, () => {
      const page = pageOf({ plan: planOf() });
      assert.equal(page.tags("data-site=", variant).length, 3);
      assert.equal(page.tags("data-node=", variant).length, 6);
      assert.equal(page.tags('data-control-plane="1"', variant).length, 3);
    });

    it(`${variant}: marks as many copies as the factor, on different sites`, () => {
      const page = pageOf({ plan: planOf() });
      const replicas = page.tags('data-holds="copy"', variant);
      assert.deepEqual(
        replicas.map((tag) => /data-node="([^"]*)"/u.exec(tag)?.[1]),
        ["a-1", "b-1"],
      );
    });

    it(`${variant}: draws LINSTOR's tie-breaker in the witness site, not as a copy`, () => {
      const page = pageOf({ plan: planOf(linstor) });
      assert.equal(page.tags('data-holds="copy"', variant).length, 2);
      const votes = page.tags('data-holds="vote"', variant);
      assert.equal(votes.length, 1);
      assert.match(votes[0] ?? "", /data-node="third-1"/u);
    });
  }

  it("draws the tie-breaker in a data site without a copy where there is no witness", () => {
    const page = pageOf({ plan: planOf({ backend: "linstor" }) });
    assert.match(page.tags('data-holds="vote"', "wide").join(), /data-node="c-1"/u);
  });

  it("draws no tie-breaker for an odd number of copies, nor for a backend without one", () => {
    const replicasPerSite = { a: 1, b: 1, c: 1 };
    const odd = pageOf({ plan: planOf({ backend: "linstor", factor: 3, replicasPerSite }) });
    assert.equal(odd.tags('data-holds="copy"', "wide").length, 3);
    assert.equal(odd.tags('data-holds="vote"').length, 0);
    assert.equal(pageOf({ plan: planOf() }).tags('data-holds="vote"').length, 0);
  });

  it("has a title and a description in words", () => {
    const { html } = pageOf({ plan: planOf(linstor) });
    assert.match(
      html,
      /<svg class="wide" role="img" aria-labelledby="drawing-wide-title drawing-wide-desc"/u,
    );
    assert.match(html, /north-1 holds copy 1\. Site south/u);
    assert.match(
      html,
      /Site third \(witness\): 1 storage and 1 control-plane nodes; third-1 only votes\./u,
    );
  });

  it("says how many nodes it leaves out", () => {
    const page = pageOf({
      plan: planOf({ dataSites: [siteNodes("a", 40)], replicasPerSite: { a: 2 } }),
    });
    assert.equal(page.tags("data-node=", "wide").length, 12);
    assert.match(page.html, /and 28 more storage nodes/u);
    assert.match(page.rows("site").join(), /a-40/u);
  });
});

describe("the layout", () => {
  const wish = fc.record({
    nodes: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 }),
    witness: fc.boolean(),
    width: fc.integer({ min: 300, max: 1200 }),
  });

  it("keeps every box inside the drawing, and no two sites or nodes overlap", () => {
    fc.assert(
      fc.property(wish, ({ nodes, witness, width }) => {
        const dataSites = nodes.map((count, index) => siteNodes(`s${index}`, count));
        const witnessSites = witness ? [siteNodes("w", 1)] : [];
        const plan = planOf({ dataSites, witnessSites, replicasPerSite: { s0: 2 } });
        const drawn = layOut(plan, width);
        assert.ok(drawn.width <= width);
        const frame = { x: 0, y: 0, width: drawn.width, height: drawn.height };
        assertApart(drawn.sites);
        for (const site of drawn.sites) {
          assertInside(site, frame);
          assertApart(site.nodes);
          site.nodes.forEach((node) => assertInside(node, site));
        }
        assertInside(drawn.volume, frame);
      }),
    );
  });
});

function assertInside(inner: Box, outer: Box): void {
  const rounding = 1e-6;
  assert.ok(inner.x >= outer.x - rounding && inner.y >= outer.y - rounding);
  assert.ok(inner.x + inner.width <= outer.x + outer.width + rounding);
  assert.ok(inner.y + inner.height <= outer.y + outer.height + rounding);
}

function assertApart(boxes: readonly Box[]): void {
  boxes.forEach((one, index) =>
    boxes
      .slice(index + 1)
      .forEach((other) =>
        assert.ok(
          one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y,
        ),
      ),
  );
}
