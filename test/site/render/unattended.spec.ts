import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { projectRoot } from "../../../config/projectRoot";
import { modelPlans } from "../../../docs/modelSites";
import { planSite } from "../../../planning";
import { unattendedFiles } from "../../../site/render/unattended";
import { desiredOf, storageClass } from "../../drift/fixtures";
import { MACHINES, siteOf } from "../../support/sites";

const plan = planSite(siteOf({ stack: "oslo", virtualMachines: MACHINES }));
const made = (change: Partial<Parameters<typeof unattendedFiles>[0]> = {}) => {
  const input = { root: projectRoot(), plan, desired: desiredOf([storageClass()]) };
  const files = unattendedFiles({ ...input, image: "registry.example/atom:1", ...change });
  return new Map(files.map(({ file, text }) => [basename(file), text]));
};

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe("what runs when nobody is there", () => {
  it("are units that systemd takes, of a folder whatever its name", () => {
    const folder = mkdtempSync(join(tmpdir(), "atom-units-"));
    try {
      const root = join(folder, 'a "b" 50% $c');
      const units = [...made({ root })].filter(([file]) => /\.(service|timer)$/.test(file));
      deepStrictEqual(
        units.map(([file]) => file),
        ["drift", "due"].flatMap((name) =>
          ["service", "timer"].map((kind) => `atom-${name}-oslo.${kind}`),
        ),
      );
      const paths = units.map(([file, text]) => {
        writeFileSync(join(folder, file), text);
        return join(folder, file);
      });
      const verified = spawnSync("systemd-analyze", ["verify", ...paths], { encoding: "utf8" });
      if (verified.error === undefined) {
        deepStrictEqual([verified.status, verified.stderr], [0, ""]);
      } else {
        for (const [, text] of units) {
          for (const line of text.trimEnd().split("\n")) {
            match(line, /^$|^#|^\[\w+\]$|^\w+=.+$/);
          }
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("are a job whose report a pipeline reads, and which fails with the command", () => {
    const { "drift-oslo": job } = parse(made().get("drift.gitlab-ci.yml") ?? "") as Record<
      string,
      { script: string[]; artifacts: object; image?: string }
    >;
    deepStrictEqual(job?.script, ["./atom drift --stack oslo --junit > drift.xml"]);
    deepStrictEqual(job?.artifacts, { when: "always", reports: { junit: "drift.xml" } });
    equal(job?.image, "registry.example/atom:1");
  });

  it("are a CronJob only for an image, and in the cluster nothing of vCenter", () => {
    equal(made({ image: undefined }).has("drift-cronjob.yaml"), false);
    const cronJob = made().get("drift-cronjob.yaml") ?? "";
    match(cronJob, /- --only\n +- cluster\n/);
    equal(/vcenter\.|password|passphrase/i.test(cronJob.split("\n").slice(1).join("\n")), false);
  });

  it("are roles in vCenter, where the nodes are VMs there", () => {
    match(
      made().get("vcenter-roles.sh") ?? "",
      /^govc role\.create atom-backup-drift System\.Anonymous System\.Read System\.View$/m,
    );
    equal(made({ plan: planSite(siteOf()) }).has("vcenter-roles.sh"), false);
  });

  for (const model of modelPlans(projectRoot())) {
    it(`are rights of ${model.site.stack} to read, without a wildcard or a Secret`, () => {
      const text = made({ plan: model }).get("drift-rights.yaml") ?? "";
      const roles = parseAllDocuments(text).map((one) => one.toJS() as ClusterObject);
      const rules = roles.flatMap((role) => (role["rules"] ?? []) as readonly Rule[]);
      ok(rules.length > 10);
      deepStrictEqual([...new Set(rules.flatMap(({ verbs }) => verbs))].sort(), ["get", "list"]);
      equal(
        rules.some(({ resources }) => /[*]|secrets/.test(resources.join())),
        false,
      );
    });
  }
});
