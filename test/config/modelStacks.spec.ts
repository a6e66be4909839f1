import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { engineConfiguration, valuesOf } from "../../config/engineConfiguration";
import { checkConfiguration, parseSite } from "../../config/parseSite";
import { projectName } from "../../config/projectRoot";
import { readConfiguration } from "../../config/readConfiguration";
import { openSecret } from "../../config/secrets";
import { stackFilePath, stackNames } from "../../config/stackNames";
import { siteSchema } from "../../planning/schema/site";
import type { Site } from "../../planning/site";
import { without } from "./fixture";

/** What each stack is an example of; a stack that is missing here has no test of its meaning. */
const examples: Readonly<Record<string, (site: Site) => unknown>> = {
  lab: ({ backend, failover, survive, topology }) => [
    backend,
    failover,
    survive,
    topology.sites.length,
  ],
  "model-ceph-stretch": ({ backend, failover, survive, topology, replicationFactor }) => [
    backend,
    failover,
    survive,
    topology.sites.map(({ role }) => role),
    replicationFactor,
  ],
  "model-generic": ({ backend, failover, survive }) => [backend, failover, survive],
  "model-mayastor": ({ backend, failover, survive, topology, replicationFactor }) => [
    backend,
    failover,
    survive,
    topology.sites.map(({ role }) => role),
    replicationFactor,
  ],
  "model-nine-vms-before-upgrade": ({ survive, virtualMachines, restorePoints }) => [
    survive,
    virtualMachines?.nodes.length,
    restorePoints.map(({ name, state, consistency, virtualMachines: taken, volumes }) => [
      name,
      state,
      consistency,
      taken,
      volumes,
    ]),
  ],
  "model-one-site-linstor": ({ backend, survive, topology }) => [
    backend,
    survive,
    topology.sites.map(({ storageNodes }) => storageNodes.length),
  ],
  "model-portworx": ({ backend, failover, survive, topology, replicationFactor }) => [
    backend,
    failover,
    survive,
    topology.sites.map(({ role }) => role),
    replicationFactor,
  ],
  "model-three-sites-linstor": ({ backend, failover, survive, topology, replicationFactor }) => [
    backend,
    failover,
    survive,
    topology.sites.map(({ role }) => role),
    replicationFactor,
  ],
  "model-three-sites-longhorn": ({ backend, failover, survive, topology }) => [
    backend,
    failover,
    survive,
    topology.sites.map(({ role }) => role),
  ],
  "model-two-sites-linstor": ({ survive, topology, replicationFactor, snapshots }) => [
    survive,
    topology.sites.map(({ role, locatedIn }) => [role, locatedIn]),
    replicationFactor,
    snapshots.installController,
  ],
  "model-vsan-stretched": ({ backend, backendOptions, survive, replicationFactor }) => [
    backend,
    backendOptions["siteDisasterTolerance"],
    survive,
    replicationFactor,
  ],
};

const meanings: Readonly<Record<string, unknown>> = {
  lab: ["lab", "manual", "site", 3],
  "model-ceph-stretch": ["rook-ceph", "automatic", "site", ["data", "data", "witness"], 4],
  "model-generic": ["generic", "manual", "node"],
  "model-mayastor": ["mayastor", "automatic", "site", ["data", "data", "witness"], 2],
  "model-nine-vms-before-upgrade": ["site", 9, [["pre-24.2", "planned", "stopped", "all", true]]],
  "model-one-site-linstor": ["linstor", "node", [6]],
  "model-portworx": ["portworx", "automatic", "site", ["data", "data", "data"], 2],
  "model-three-sites-linstor": ["linstor", "automatic", "site", ["data", "data", "witness"], 2],
  "model-three-sites-longhorn": ["longhorn", "automatic", "site", ["data", "data", "data"]],
  "model-two-sites-linstor": [
    "node",
    [
      ["data", undefined],
      ["data", undefined],
      ["witness", "a"],
    ],
    2,
    true,
  ],
  "model-vsan-stretched": ["vsphere-csi", "mirror", "site", 4],
};

/** The model that shows how little a real site takes. */
const minimal = "model-one-site-linstor";

describe("the stacks", () => {
  it("are the ones that are examples of something", () => {
    assert.deepEqual(stackNames(), Object.keys(examples).sort());
  });

  for (const stack of stackNames()) {
    const { raw } = readConfiguration(stack);

    it(`${stack}: nothing is wrong with it, and it means what it says`, () => {
      const { site, problems } = checkConfiguration(raw);
      assert.deepEqual(problems, []);
      assert.ok(site !== undefined);
      assert.deepEqual(examples[stack]?.(site), meanings[stack]);
    });

    it(`${stack}: ${stack === minimal ? "is 15 lines" : "every key stands in it and has a comment"}`, () => {
      const lines = readFileSync(stackFilePath(stack), "utf8").split("\n");
      if (stack === minimal) {
        const own = lines.filter((line) => !/^ *(#|$)/.test(line));
        assert.ok(own.length <= 15, own.join("\n"));
        return;
      }
      const leftOut = ["backendVersion", "vcenterPassword", "virtualMachines"];
      for (const key of Object.keys(siteSchema.properties)) {
        const position = lines.findIndex((line) => line.startsWith(`  ${projectName}:${key}:`));
        assert.ok(position >= 0 || leftOut.includes(key), `${key} is missing`);
      }
      assert.ok(lines.filter((line) => line.trim().startsWith("#")).length >= 15);
    });

    it(`${stack}: the program reads the same site as the commands`, () => {
      const { config } = engineConfiguration(raw);
      const prefix = `${projectName}:`;
      const texts = Object.entries(config).map(([key, text]) => [key.slice(prefix.length), text]);
      const values = valuesOf(Object.fromEntries(texts) as Record<string, string>);
      const own = without(values, "vcenterPassword");
      assert.deepEqual(parseSite({ ...raw, values: own }), parseSite(raw));
    });
  }

  it("lab: has nine VMs, of which a point of all takes six, and a password that its passphrase opens", async () => {
    const { raw, stackFile } = readConfiguration("lab");
    const site = parseSite(raw);
    assert.deepEqual(
      site.virtualMachines?.nodes.map(
        ({ name, uuid, role }) => `${name} ${uuid.slice(-2)} ${role}`,
      ),
      [
        "atom-a-1 a1 storage",
        "atom-a-2 a2 storage",
        "atom-a-cp af controlPlane",
        "atom-b-1 b1 storage",
        "atom-b-2 b2 storage",
        "atom-b-cp bf controlPlane",
        "atom-c-1 c1 storage",
        "atom-c-2 c2 storage",
        "atom-c-cp cf controlPlane",
      ],
    );
    assert.deepEqual(
      site.restorePoints.map(({ name, state, virtualMachines, memory }) => ({
        name,
        state,
        virtualMachines,
        memory,
      })),
      [{ name: "pre-24.1", state: "planned", virtualMachines: "all", memory: false }],
    );
    assert.deepEqual(
      await openSecret(stackFile, "vcenterPassword", { PULUMI_CONFIG_PASSPHRASE: "atom-lab" }),
      { known: "atom-lab-vcenter" },
    );
  });

  it("stay small: a site of 300 nodes and VMs is under 64 KiB as the engine passes it", () => {
    const { raw } = readConfiguration("lab");
    const names = [...Array(300).keys()].map((number) => `atom-node-${number}`);
    const sites = ["a", "b", "c"].map((name, at) => ({
      name,
      storageNodes: names.slice(at * 100, at * 100 + 100),
    }));
    const nodes = names.map((name, at) => ({
      name,
      uuid: `42100000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      role: "storage",
      site: sites[Math.floor(at / 100)]?.name ?? "",
      host: `esx-${at}.site.example.internal`,
      datastores: [`datastore-${at % 30}`],
    }));
    const virtualMachines = { ...(raw.values["virtualMachines"] as object), nodes };
    const values = { ...raw.values, topology: { sites }, virtualMachines };
    assert.deepEqual(checkConfiguration({ ...raw, values }).problems, []);
    const size = Buffer.byteLength(JSON.stringify(engineConfiguration({ values }).config));
    assert.ok(size < 64 * 1024, `${size} bytes`);
  });
});
