import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { checkConfiguration } from "../../../config/parseSite";
import { projectRoot } from "../../../config/projectRoot";
import { readConfiguration } from "../../../config/readConfiguration";
import { planSite } from "../../../planning/index";
import type { SitePlan } from "../../../planning/plan";
import { pageOf } from "./page";

const root = projectRoot();
const stacks = readdirSync(join(root, "stacks"))
  .map((file) => /^Pulumi\.(.+)\.yaml$/u.exec(file)?.[1])
  .filter((name) => name !== undefined);

function planOfStack(name: string): SitePlan {
  const { site, problems } = checkConfiguration(
    readConfiguration(name, { root, overrides: [] }).raw,
  );
  assert.deepEqual(problems, []);
  assert.ok(site !== undefined);
  return planSite(site);
}

describe("the report of the committed stacks", () => {
  for (const name of stacks) {
    it(`${name}: draws as many copies as the factor, explains every parameter, shows every loss`, () => {
      const plan = planOfStack(name);
      const page = pageOf({ plan });
      const replicas = page.tags('data-holds="copy"');
      assert.equal(replicas.length, plan.site.replicationFactor);
      const settings = page.rows("setting");
      for (const key of Object.keys(plan.classes[0]?.parameters ?? {})) {
        const row = settings.find((text) => text.startsWith(`${key} |`));
        assert.ok(row !== undefined, key);
        const own = plan.site.backend === "generic";
        assert.ok(own || !row.includes("Set in the stack file"), `${key} has no reason`);
      }
      assert.equal(page.rows("verdict").length, plan.survival.verdicts.length);
    });
  }

  it("draws LINSTOR's vote in the witness site", () => {
    const page = pageOf({ plan: planOfStack("model-three-sites-linstor") });
    assert.match(page.tags('data-holds="vote"').join(), /data-node="atom-w-1"/u);
  });
});
