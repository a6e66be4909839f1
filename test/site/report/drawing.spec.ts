import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pageOf } from "./page";
import { planOf, siteNodes } from "./plans";

const linstor = {
  backend: "linstor",
  dataSites: [siteNodes("north", 2), siteNodes("south", 2)],
  witnessSites: [siteNodes("third", 1)],
  replicasPerSite: { north: 1, south: 1 },
} as const;

describe("the drawing", () => {
  it("draws every site, storage node and control-plane row once", () => {
    const page = pageOf({ plan: planOf() });
    assert.equal(page.tags("data-site=").length, 3);
    assert.equal(page.tags("data-node=").length, 6);
    assert.equal(page.tags('data-control-plane="1"').length, 3);
  });

  it("marks as many copies as the factor, on different sites", () => {
    const replicas = pageOf({ plan: planOf() }).tags('data-holds="copy"');
    assert.deepEqual(
      replicas.map((tag) => /data-node="([^"]*)"/u.exec(tag)?.[1]),
      ["a-1", "b-1"],
    );
  });

  it("draws LINSTOR's tie-breaker in the witness site, not as a copy", () => {
    const page = pageOf({ plan: planOf(linstor) });
    assert.equal(page.tags('data-holds="copy"').length, 2);
    const votes = page.tags('data-holds="vote"');
    assert.equal(votes.length, 1);
    assert.match(votes[0] ?? "", /data-node="third-1"/u);
  });

  it("draws the tie-breaker in a data site without a copy where there is no witness", () => {
    const page = pageOf({ plan: planOf({ backend: "linstor" }) });
    assert.match(page.tags('data-holds="vote"').join(), /data-node="c-1"/u);
  });

  it("draws no tie-breaker for an odd number of copies, nor for a backend without one", () => {
    const replicasPerSite = { a: 1, b: 1, c: 1 };
    const odd = pageOf({ plan: planOf({ backend: "linstor", factor: 3, replicasPerSite }) });
    assert.equal(odd.tags('data-holds="copy"').length, 3);
    assert.equal(odd.tags('data-holds="vote"').length, 0);
    assert.equal(pageOf({ plan: planOf() }).tags('data-holds="vote"').length, 0);
  });

  it("can be read without colours: each node says what it holds", () => {
    const page = pageOf({ plan: planOf(linstor) });
    assert.match(page.text('data-site="north"'), /^site north ?holds 1 copy \| ● north-1 ?copy 1/u);
    assert.match(page.text('data-site="third"'), /witness: votes, holds no data \| ◇ third-1/u);
  });

  it("says how many nodes it leaves out", () => {
    const page = pageOf({
      plan: planOf({ dataSites: [siteNodes("a", 40)], replicasPerSite: { a: 2 } }),
    });
    assert.equal(page.tags("data-node=").length, 12);
    assert.match(page.html, /and 28 more storage nodes/u);
    assert.match(page.rows("site").join(), /a-40/u);
  });
});
