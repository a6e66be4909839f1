import assert from "node:assert/strict";
import { SET_UPS, type SetUp } from "../../docs/setUps";
import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import { checkSite, planSite } from "../../planning";
import type { Site } from "../../planning/site";

function siteOf(model: string, { options, change }: SetUp): Site {
  const site = { ...parseSite(readConfiguration(model).raw), ...change };
  // What states members by site belongs to the sites of the model.
  const names = site.topology.sites.map(({ name }) => name);
  const kept = Object.entries(site.backendOptions).filter(
    ([key, value]) =>
      !(key === "etcdMembers" && change?.topology !== undefined && value) &&
      !(key === "nodeSpreadKey" && names.length === 1),
  );
  return { ...site, backendOptions: { ...Object.fromEntries(kept), ...options } };
}

describe("the set-ups that people run", () => {
  for (const setUp of SET_UPS) {
    const { model, verdict, refusedAt, rule } = setUp;
    if (model !== undefined) {
      it(`${setUp.setUp}: ${verdict}`, () => {
        const site = siteOf(model, setUp);
        const problems = checkSite(site);
        assert.deepEqual(
          problems.map((problem) => [problem.path, problem.rule]),
          verdict === "refused" ? [[refusedAt, rule]] : [],
        );
        if (verdict !== "refused") {
          assert.ok(planSite(site).survival.verdicts.some(({ survived }) => survived));
        }
      });
    }
  }
});
