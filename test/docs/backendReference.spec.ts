import assert from "node:assert/strict";
import { projectRoot } from "../../config/projectRoot";
import { backendPage, decisionPage } from "../../docs/backendReference";
import { markdownTable } from "../../docs/markdownTable";
import { modelPlans } from "../../docs/modelSites";
import { backendIds, backendOf } from "../../planning";

const plans = modelPlans(projectRoot());
const backends = backendIds.map((id) => {
  const backend = backendOf(id);
  assert.ok(backend !== undefined);
  return backend;
});

describe("the pages of the storage backends", () => {
  it("have a committed stack for every backend, which is their example", () => {
    for (const { id } of backends) {
      assert.ok(
        plans.some(({ site }) => site.backend === id),
        `no stack of ${id}`,
      );
    }
  });

  it("say why of every parameter and give the rule of every loss", () => {
    for (const backend of backends) {
      const own = plans.filter(({ site }) => site.backend === backend.id);
      const lines = backendPage(backend, own).split("\n");
      for (const plan of own) {
        for (const { parameters } of plan.classes) {
          for (const [key, value] of Object.entries(parameters)) {
            const row = lines.find((line) => line.startsWith(`| \`${key}\` | `));
            assert.ok(row !== undefined, `${backend.id} lacks ${key}=${value}`);
            assert.doesNotMatch(row, /\| *\|$/, `${key} has no reason`);
          }
        }
        for (const { title, rule } of plan.survival.verdicts) {
          assert.ok(
            lines.some((line) => line.startsWith(`| ${title} |`) && line.includes(rule)),
            `${plan.site.stack} lacks "${title}"`,
          );
        }
      }
      for (const text of backend.unverified) {
        assert.ok(lines.includes(`- ${text}`), text);
      }
    }
  });

  it("count in the table what each stack survives", () => {
    const rows = decisionPage(backends, plans).split("\n");
    const row = rows.find((line) => line.startsWith("| `model-three-sites-linstor` |"));
    assert.equal(
      row,
      "| `model-three-sites-linstor` | [linstor](backends/linstor.md) | 2 | a, b | w | 5/5 | 2/2 | 3/3 | 1/1 | automatic | keep their copies |",
    );
    const single = rows.find((line) => line.startsWith("| `model-one-site-linstor` |"));
    assert.match(single ?? "", /\| 6\/6 \| 0\/1 \| none \| none \|/);
  });

  it("keep bars and line ends from breaking a table", () => {
    assert.deepEqual(markdownTable(["A", "B"], [["x|y", "1\n2"]]), [
      "| A | B |",
      "|---|---|",
      "| x\\|y | 1<br>2 |",
    ]);
  });
});
