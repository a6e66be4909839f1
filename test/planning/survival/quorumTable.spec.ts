import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { cephSite, STRETCH_SITES, THREE_SITES, VSAN_OPTIONS, vsanSite } from "../../support/sites";

/** Each loss as one line: what is survived and how, and the rule that decides. */
function table(site: Site): readonly string[] {
  return planSite(site).survival.verdicts.map(({ title, survived, unattended, rule }) => {
    const how = survived ? (unattended ? "survived" : "with a person") : "NOT survived";
    return `${title}: ${how}: ${rule}`;
  });
}

/** Lines of one loss of each kind: the others are the same by symmetry, which the oracle shows. */
function linesOf(site: Site, titles: readonly string[]): readonly string[] {
  return table(site).filter((line) => titles.some((title) => line.startsWith(`${title} is `)));
}

const CONTROL = "2 of 3 control-plane nodes stay (2 needed)";

describe("what Ceph survives", () => {
  it("with a copy and a monitor in each of three sites", () => {
    assert.deepEqual(
      linesOf(cephSite(THREE_SITES), ["node a-1 (site a)", "site a", "the link between a and b"]),
      [
        "node a-1 (site a) is lost: survived: 2 of 3 copies stay (min_size is 2); 2 of 3 monitors stay (2 needed)",
        `site a is lost: survived: 2 of 3 copies stay (min_size is 2); 2 of 3 monitors stay (2 needed); ${CONTROL}`,
        "the link between a and b is cut: NOT survived: outside a stretch cluster Ceph cannot settle which of two sites is away " +
          "while a third place still sees both, so reads and writes may wait until the link is mended",
      ],
    );
  });

  it("with two copies, where the last one serves alone", () => {
    const site = cephSite(THREE_SITES, { replicationFactor: 2 });
    assert.deepEqual(linesOf(site, ["site a"]), [
      `site a is lost: survived: 1 of 2 copies stays (min_size is 1); 2 of 3 monitors stay (2 needed); ${CONTROL}`,
    ]);
  });

  it("stretched over two data sites and an arbiter", () => {
    const site = cephSite(STRETCH_SITES, { replicationFactor: 4 });
    assert.deepEqual(
      linesOf(site, [
        "node a-1 (site a)",
        "site a",
        "witness w",
        "the link between a and b",
        "the link between a and w",
      ]),
      [
        "node a-1 (site a) is lost: survived: 3 of 4 copies stay (min_size is 2); 4 of 5 monitors stay (3 needed)",
        "site a is lost: survived: 2 of 4 copies stay (Ceph lowers min_size to 1 until the site is back); 3 of 5 monitors stay " +
          `(3 needed); ${CONTROL}`,
        `witness w is lost: survived: 4 of 4 copies stay (min_size is 2); 4 of 5 monitors stay (3 needed); ${CONTROL}`,
        "the link between a and b is cut: survived: the side of a sees 3 of 5 monitors and the side of b 3 (3 needed); Ceph goes " +
          "on with one of them; workloads of b move to a",
        "the link between a and w is cut: survived: the side of a sees 4 of 5 monitors and the side of w 3 (3 needed), so reads " +
          "and writes go on where they are",
      ],
    );
  });

  it("stretched, with the arbiter in the building of a data site", () => {
    const site = cephSite(within("a"), { replicationFactor: 4, survive: "node" });
    assert.deepEqual(linesOf(site, ["site a", "site b"]), [
      "site a is lost, and with it witness w: NOT survived: 2 of 5 monitors stay (3 needed), so reads and writes stop; 1 of 3 " +
        "control-plane nodes stays (2 needed), so no pod can be started elsewhere",
      "site b is lost: survived: 2 of 4 copies stay (Ceph lowers min_size to 1 until the site is back); 3 of 5 monitors stay " +
        `(3 needed); ${CONTROL}`,
    ]);
  });

  it("with a person, where fail-over is manual", () => {
    const site = cephSite(THREE_SITES, { failover: "manual" });
    assert.match(table(site)[0] ?? "", /^node a-1 \(site a\) is lost: with a person: /);
  });
});

describe("what a stretched vSAN survives", () => {
  it("with one copy in each data site and the witness in a third", () => {
    assert.deepEqual(
      linesOf(vsanSite(STRETCH_SITES), [
        "node a-1 (site a)",
        "site a",
        "witness w",
        "the link between a and b",
        "the link between a and w",
      ]),
      [
        "node a-1 (site a) is lost: survived: 1 of 2 copies stays; 2 of 3 votes stay (2 needed)",
        `site a is lost: survived: 1 of 2 copies stays; 2 of 3 votes stay (2 needed); ${CONTROL}`,
        `witness w is lost: survived: 2 of 2 copies stay; 2 of 3 votes stay (2 needed); ${CONTROL}`,
        "the link between a and b is cut: survived: a and b no longer see each other, and vSAN goes on with one of them " +
          "(backendOptions.preferredSite is not stated); workloads of b move to a",
        "the link between a and w is cut: survived: both data sites see each other, so reads and writes go on where they are",
      ],
    );
  });

  it("keeping the preferred site, and the one with the witness whatever is preferred", () => {
    const backendOptions = { ...VSAN_OPTIONS, preferredSite: "b" };
    const partition = ["the link between a and b"];
    assert.deepEqual(linesOf(vsanSite(STRETCH_SITES, { backendOptions }), partition), [
      "the link between a and b is cut: survived: a and b no longer see each other, and vSAN goes on with b; workloads of a move to b",
    ]);
    const inside = vsanSite(within("a"), { backendOptions, survive: "node" });
    assert.deepEqual(linesOf(inside, partition), [
      "the link between a and b is cut: survived: a and b no longer see each other, and vSAN goes on with a; workloads of b move to a",
    ]);
    assert.deepEqual(linesOf(inside, ["site a"]), [
      "site a is lost, and with it witness w: NOT survived: 1 of 2 copies stays; 1 of 3 votes stays (2 needed), so reads and writes " +
        "stop; 1 of 3 control-plane nodes stays (2 needed), so no pod can be started elsewhere",
    ]);
  });

  it("losing nothing with one host where each site holds two copies", () => {
    const site = vsanSite(STRETCH_SITES, {
      replicationFactor: 4,
      backendOptions: { ...VSAN_OPTIONS, failuresToTolerate: 1 },
    });
    assert.deepEqual(linesOf(site, ["node a-1 (site a)"]), [
      "node a-1 (site a) is lost: survived: 3 of 4 copies stay; 3 of 3 votes stay (2 needed)",
    ]);
  });
});

/** The stretched sites with their witness in the building of a data site. */
function within(locatedIn: string): typeof STRETCH_SITES {
  return STRETCH_SITES.map((site) => (site.role === "witness" ? { ...site, locatedIn } : site));
}
