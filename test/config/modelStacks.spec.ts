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

/** What each stack is an example of: backend, fail-over, promise, roles of its sites, copies. */
const meanings: Readonly<Record<string, readonly unknown[]>> = {
  lab: ["lab", "manual", "site", "data data data", 2],
  "model-ceph-stretch": ["rook-ceph", "automatic", "site", "data data witness", 4],
  "model-generic": ["generic", "manual", "node", "data", 2],
  "model-mayastor": ["mayastor", "automatic", "site", "data data witness", 2],
  "model-nine-vms-before-upgrade": ["linstor", "automatic", "site", "data data data", 2],
  "model-one-site-linstor": ["linstor", "automatic", "node", "data", 2],
  "model-portworx": ["portworx", "automatic", "site", "data data data", 2],
  "model-three-sites-linstor": ["linstor", "automatic", "site", "data data witness", 2],
  "model-three-sites-longhorn": ["longhorn", "automatic", "site", "data data data", 3],
  "model-two-sites-linstor": ["linstor", "automatic", "node", "data data witness", 2],
  "model-vsan-stretched": ["vsphere-csi", "automatic", "site", "data data witness", 4],
};

/** What only one of them shows. */
const special: Readonly<Record<string, (site: Site) => void>> = {
  "model-nine-vms-before-upgrade": ({ virtualMachines, restorePoints }) => {
    assert.equal(virtualMachines?.nodes.length, 9);
    const [point, ...others] = restorePoints.map(Object.values);
    assert.deepEqual(others, []);
    for (const part of ["pre-24.2", "planned", "stopped", "all", true]) {
      assert.ok(point?.includes(part), String(part));
    }
  },
  "model-one-site-linstor": ({ topology }) =>
    assert.equal(topology.sites[0]?.storageNodes.length, 6),
  "model-two-sites-linstor": ({ topology, snapshots }) => {
    assert.deepEqual(
      topology.sites.map(({ locatedIn }) => locatedIn),
      [undefined, undefined, "a"],
    );
    assert.ok(snapshots.installController);
  },
  "model-vsan-stretched": ({ backendOptions }) =>
    assert.equal(backendOptions["siteDisasterTolerance"], "mirror"),
};

/** The model that shows how little a real site takes. */
const minimal = "model-one-site-linstor";

describe("the stacks", () => {
  it("are the ones that are examples of something", () => {
    assert.deepEqual(stackNames(), Object.keys(meanings).sort());
  });

  for (const stack of stackNames()) {
    const { raw } = readConfiguration(stack);

    it(`${stack}: nothing is wrong with it, and it means what it says`, () => {
      const { site, problems } = checkConfiguration(raw);
      assert.deepEqual(problems, []);
      assert.ok(site !== undefined);
      const { backend, failover, survive, topology, replicationFactor } = site;
      const roles = topology.sites.map(({ role }) => role).join(" ");
      assert.deepEqual([backend, failover, survive, roles, replicationFactor], meanings[stack]);
      special[stack]?.(site);
    });

    it(`${stack}: ${stack === minimal ? "is 15 lines" : "every key stands in it and has a comment"}`, () => {
      const lines = readFileSync(stackFilePath(stack), "utf8").split("\n");
      if (stack === minimal) {
        const own = lines.filter((line) => !/^ *(#|$)/.test(line));
        assert.ok(own.length <= 15, own.join("\n"));
        return;
      }
      const leftOut = ["alerts", "backendVersion", "vcenterPassword", "virtualMachines"];
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
