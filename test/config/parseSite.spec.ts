import assert from "node:assert/strict";

import fc from "fast-check";

import { checkConfiguration, parseSite } from "../../config/parseSite";
import { ConfigurationError } from "../../config/problems";
import type { JsonMap, JsonValue } from "../../config/rawConfiguration";
import type { Problem } from "../../planning/problem";
import { siteSchema } from "../../planning/schema/site";
import { acceptAll, raw, rawPoint, said, smallest, withVms } from "./fixture";

const singleReplica: Problem = {
  path: "replicationFactor",
  value: "1",
  message: "keeps one copy",
  allowed: "Allowed: 2 or more",
  rule: "single-copy",
};

describe("parseSite", () => {
  it("fills in every default", () => {
    assert.deepEqual(parseSite(raw(smallest)), {
      stack: "demo",
      replicationFactor: 2,
      survive: "node",
      failover: "manual",
      backend: "lab",
      backendOptions: {},
      product: { namespaces: ["atom"], hooks: [] },
      retention: {},
      windows: [],
      schedules: [],
      nodeBackups: {},
      topology: {
        siteLabel: "topology.kubernetes.io/zone",
        sites: [
          {
            name: "a",
            storageNodes: ["a-1", "a-2"],
            controlPlaneNodes: 0,
            converged: false,
            role: "data",
          },
        ],
      },
      classes: [
        {
          name: "atom-replicated",
          default: true,
          reclaimPolicy: "Retain",
          encryption: false,
          expansion: true,
          mountOptions: [],
          options: {},
        },
      ],
      snapshots: {
        className: "atom-snapshots",
        deletionPolicy: "Retain",
        group: "auto",
        installController: false,
        controllerNamespace: "kube-system",
        maxSpreadSeconds: 5,
      },
      restorePoints: [],
      restorePointsDir: "stacks/restore-points",
      catalogDir: ".pulumi-state/catalog",
      cluster: { namespace: "atom-backup" },
      waivers: [],
    });
  });

  it("survives a site by default where there are three", () => {
    assert.equal(parseSite(raw(withVms)).survive, "site");
  });

  it("keeps an explicit 0, false and empty list", () => {
    const site = parseSite(
      raw({
        ...smallest,
        snapshots: { maxSpreadSeconds: 0, installController: false },
        classes: [{ name: "x", default: false, expansion: false, mountOptions: [] }],
      }),
    );
    assert.equal(site.snapshots.maxSpreadSeconds, 0);
    assert.equal(site.classes[0]?.expansion, false);
    assert.equal(site.classes[0]?.default, false);
  });

  it("freezes the site in all its depth", () => {
    const site = parseSite(raw(withVms));
    const open: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value === "object" && value !== null) {
        if (!Object.isFrozen(value)) {
          open.push(path);
        }
        Object.entries(value).forEach(([key, inner]) => visit(inner, `${path}.${key}`));
      }
    };
    visit(site, "site");
    assert.deepEqual(open, []);
  });

  it("takes what the engine takes: whole numbers in quotes, unquoted times in its own form", () => {
    const waiver = { rule: "r", subject: "s", who: "me", why: "because" };
    const site = parseSite(
      raw({
        ...smallest,
        replicationFactor: "2",
        waivers: [
          { ...waiver, until: "2031-01-01 00:00:00 +0000 UTC" },
          { ...waiver, until: "2031-01-01 02:00:00.5 +0200 +0200" },
        ],
      }),
    );
    assert.equal(site.replicationFactor, 2);
    assert.deepEqual(
      site.waivers.map(({ until }) => until),
      ["2031-01-01T00:00:00Z", "2031-01-01T02:00:00.5+02:00"],
    );
  });

  it("writes UUIDs small, as vSphere does", () => {
    const nodes = [
      { name: "a-1", uuid: "42100000-0000-4000-8000-0000000000AB", role: "storage", site: "a" },
    ];
    const virtualMachines = { ...(withVms["virtualMachines"] as JsonMap), nodes };
    const site = parseSite(raw({ ...withVms, virtualMachines }));
    assert.equal(site.virtualMachines?.nodes[0]?.uuid, "42100000-0000-4000-8000-0000000000ab");
  });

  it("reports all problems of stack and point files at once", () => {
    const configuration = raw(
      {
        ...smallest,
        replicationFactor: "two",
        backend: "longhorn",
        backendOptions: { nmespace: "x" },
        colour: "red",
        classes: [
          { name: "x", default: true },
          { name: "y", default: true },
        ],
      },
      [rawPoint({ name: "pre-24.1", release: 24.1 })],
    );
    assert.throws(
      () => parseSite(configuration),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.deepEqual(
          error.problems.map(({ file, path }) => [file ?? error.file, path]),
          [
            ["stacks/Pulumi.demo.yaml", "colour"],
            ["stacks/Pulumi.demo.yaml", "replicationFactor"],
            ["stacks/Pulumi.demo.yaml", "classes[1].default"],
            ["stacks/restore-points/demo/pre-24.1.yaml", "virtualMachines"],
            ["stacks/restore-points/demo/pre-24.1.yaml", "consistency"],
            ["stacks/restore-points/demo/pre-24.1.yaml", "expires"],
            ["stacks/restore-points/demo/pre-24.1.yaml", "state"],
            ["stacks/restore-points/demo/pre-24.1.yaml", "release"],
            ["stacks/Pulumi.demo.yaml", "backendOptions.nmespace"],
          ],
        );
        return true;
      },
    );
  });

  it("says nothing that follows from a substituted value only", () => {
    const check = (): readonly Problem[] => [
      { path: "replicationFactor", value: "2", message: "does not fit", allowed: undefined },
      { path: "backendOptions.x", value: "1", message: "is unknown", allowed: undefined },
    ];
    const broken = { ...smallest, topology: { sites: "a" } };
    assert.deepEqual(said(raw(broken), check), [
      "stacks/Pulumi.demo.yaml: 2 problems",
      '  topology.sites = "a": is not a list. Allowed: a list with one entry or more.',
      "  backendOptions.x = 1: is unknown.",
    ]);
    const besides = { ...smallest, topology: { ...(smallest["topology"] as JsonMap), colour: 1 } };
    assert.deepEqual(said(raw(besides), check).length, 4);
  });

  it("offers a waiver where the rule has one, and takes it", () => {
    const check = (): readonly Problem[] => [singleReplica];
    assert.deepEqual(said(raw(smallest), check), [
      "stacks/Pulumi.demo.yaml: 1 problem",
      "  replicationFactor = 1: keeps one copy. Allowed: 2 or more. A waiver of rule single-copy for subject replicationFactor lets it pass.",
    ]);
    const until = "2031-01-01T00:00:00Z";
    const waiver = { rule: "single-copy", who: "me", why: "test site", until };
    const waived = (subject: string): ReturnType<typeof checkConfiguration> =>
      checkConfiguration(raw({ ...smallest, waivers: [{ ...waiver, subject }] }), check);
    const passed = waived("replicationFactor");
    assert.deepEqual(passed.problems, []);
    assert.deepEqual(passed.waived, [
      { problem: singleReplica, waiver: { ...waiver, subject: "replicationFactor" } },
    ]);
    assert.deepEqual(waived("classes[0]").problems, [singleReplica]);
  });

  it("refuses more than the engine can hand over", () => {
    const storageNodes = [...Array(2200).keys()].map((at) => `${"n".repeat(50)}-${at}`);
    const sites = [{ name: "a", storageNodes }];
    assert.deepEqual(said(raw({ ...smallest, topology: { sites } })), [
      "stacks/Pulumi.demo.yaml: 1 problem",
      "  The whole configuration is 129 KiB as the engine hands it to the program. Allowed: 120 KiB. Shorten it, or make two stacks of it.",
    ]);
  });

  it("refuses whatever is written, and never fails otherwise", function () {
    this.timeout(30_000);
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    const sane: JsonMap = { ...withVms, classes: [{ name: "x" }], waivers: [], cluster: {} };
    const values = fc
      .dictionary(
        fc.constantFrom(...Object.keys(siteSchema.properties), "other", "__proto__"),
        json,
      )
      .map((some) => ({ ...sane, ...some }));
    fc.assert(
      fc.property(values, fc.option(json), (some, document) => {
        const points = document === null ? [] : [{ ...rawPoint({}), document }];
        const configuration = raw(some, points);
        try {
          parseSite(configuration);
        } catch (error) {
          assert.ok(error instanceof ConfigurationError, String(error));
          assert.ok(error.problems.length > 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("asks planning with a site of the right types, however wrong the values", () => {
    const seen: unknown[] = [];
    checkConfiguration(raw({ topology: 3, classes: [{}], virtualMachines: [] }), (site) => {
      seen.push(site.topology.sites, site.classes[0]?.name, site.virtualMachines?.nodes);
      return [];
    });
    assert.deepEqual(seen, [[], "", []]);
    assert.deepEqual(said(raw(smallest), acceptAll), []);
  });
});
