import assert from "node:assert/strict";
import { parse } from "yaml";

import { checkConfiguration } from "../../../config/parseSite";
import { parseStackText } from "../../../config/stackFile";
import { siteSchema } from "../../../planning/schema/site";
import { proposeSite } from "../../../site/init/proposeSite";
import { stackText } from "../../../site/init/stackText";
import {
  decisions,
  linstor,
  vm,
  node,
  nodes,
  observation,
  uuidOf,
  vcenter,
  zone,
} from "./observations";

function values(text: string): Record<string, unknown> {
  return (parse(text, { version: "1.1" }) as { config: Record<string, unknown> }).config;
}

function judge(text: string) {
  const file = parseStackText(text, "/nowhere/Pulumi.oslo.yaml", "Pulumi.oslo.yaml");
  return checkConfiguration({
    stack: "oslo",
    file: file.file,
    values: file.values,
    secretKeys: [],
    points: [],
    problems: file.problems,
  });
}

const problemsOf = (text: string): string[] => judge(text).problems.map(({ path }) => path);

const filled = (text: string): string =>
  text
    .replace("storagePool:", "storagePool: thin")
    .replace("poolKind:", "poolKind: LVM_THIN")
    .replace("storageNodes: []", "storageNodes: [c3]");

const one = ["n1", "n2", "n3"].map((name) => node(name, "a", { controlPlane: true }));

describe("the stack file of a new site", () => {
  it("of three nodes that are everything is 15 lines, comments apart, and survives one of them", () => {
    const text = filled(stackText("oslo", proposeSite(observation({ nodes: one }), decisions)));
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(lines.length <= 15, text);
    const { site, problems } = judge(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [site?.survive, site?.failover, site?.replicationFactor],
      ["node", "automatic", 2],
    );
  });

  it("says what was found: backend, sites, VMs and the pinned cluster", () => {
    const seen = observation({ vcenter: vcenter(nodes.map(({ name }) => vm(name))) });
    const text = stackText("oslo", proposeSite(seen, { ...decisions, context: "production" }));
    const config = values(text);
    assert.deepEqual(Object.keys(config), [
      "atom-backup:backend",
      "atom-backup:backendOptions",
      "atom-backup:product",
      "atom-backup:topology",
      "atom-backup:virtualMachines",
      "atom-backup:cluster",
    ]);
    assert.equal(config["atom-backup:backend"], "linstor");
    assert.deepEqual(config["atom-backup:cluster"], {
      context: "production",
      clusterUid: "0c0ffee0-0000-4000-8000-000000000001",
    });
    const { nodes: written, ...login } = config["atom-backup:virtualMachines"] as {
      nodes: unknown[];
    };
    assert.deepEqual(login, {
      server: "vcenter.example.internal",
      user: "atom-backup@vsphere.local",
    });
    assert.deepEqual(written[0], { name: "a1", uuid: uuidOf("a1"), role: "storage", site: "a" });
    assert.doesNotMatch(text, /vcenterPassword:/, "a password is never written here");
  });

  it("is refused by the configuration for nothing but what is marked to be filled in", () => {
    const text = stackText("oslo", proposeSite(observation(), decisions));
    assert.match(text, /storagePool: # FILL IN LINSTOR storage pool that holds the copies, /);
    assert.match(text, /poolKind: # FILL IN .*\(LVM_THIN, ZFS, ZFS_THIN, FILE_THIN\)\n/);
    assert.match(text, /storageNodes: \[\] # FILL IN the nodes that run the backend's tie-breaker/);
    assert.deepEqual(problemsOf(text), [
      "backendOptions.poolKind",
      "backendOptions.storagePool",
      "topology.sites[2].storageNodes",
    ]);
    assert.deepEqual(problemsOf(filled(text)), []);
  });

  it("in full has every key that the configuration knows, with what it means, and says the same", () => {
    const seen = observation({ vcenter: vcenter(nodes.map(({ name }) => vm(name))) });
    const [short, full] = [false, true].map((all) =>
      filled(stackText("oslo", proposeSite(seen, decisions), all)),
    );
    assert.deepEqual(judge(full ?? "").site, judge(short ?? "").site);
    for (const [key, schema] of Object.entries(siteSchema.properties)) {
      assert.match(full ?? "", new RegExp(`^ +#? ?atom-backup:${key}:`, "m"), key);
      assert.ok((full ?? "").includes(`${schema.description}`), key);
    }
  });

  it("hints at what the driver is used with today, and names both default classes", () => {
    const classes = ["piraeus", "older"].map((name) => ({
      name,
      provisioner: linstor,
      parameters: { "linstor.csi.linbit.com/storagePool": "pool1" },
      isDefault: true,
    }));
    const text = stackText("oslo", proposeSite(observation({ classes }), decisions));
    assert.match(
      text,
      /# StorageClass piraeus of this driver says: linstor\.csi\.linbit\.com\/storagePool=pool1\n/,
    );
    assert.match(
      text,
      /# Default class of the cluster: piraeus and older\.\n# FILL IN one default class: the cluster uses the one made last\n/,
    );
    assert.deepEqual(values(text)["atom-backup:classes"], [{ name: "atom-replicated" }]);
  });

  it("says where the VMs come from, that one node is none, and which parts of the cluster are missing", () => {
    const head = (change: Parameters<typeof observation>[0]): string =>
      stackText("oslo", proposeSite(observation(change), decisions));
    assert.match(head({}), /^# FILL IN virtualMachines: where the nodes are VMware VMs: /m);
    const vms = vcenter(nodes.slice(1).map(({ name }) => vm(name)));
    assert.match(head({ vcenter: vms }), /# FILL IN no VM has the system UUID of a1/);
    const text = head({ snapshotKinds: false, groupSnapshotKinds: false, namespaces: [] });
    assert.match(
      text,
      /# FILL IN snapshots\.installController: the cluster serves no VolumeSnapshotClass/,
    );
    assert.match(text, /namespaces: \[atom\] # FILL IN the cluster does not have atom \(yet\)/);
    assert.deepEqual(values(text)["atom-backup:snapshots"], { group: "never" });
  });

  it("keeps texts texts that YAML would take for numbers or booleans", () => {
    const odd = [
      node("1", "on", { labels: { [zone]: "on" } }),
      node("2", "0x1", { labels: { [zone]: "0x1" } }),
      node("3", "0755", { labels: { [zone]: "0755" } }),
      node("4", "2031-01-01", { labels: { [zone]: "2031-01-01" } }),
    ];
    for (const full of [false, true]) {
      const text = stackText("oslo", proposeSite(observation({ nodes: odd }), decisions), full);
      const { sites } = values(text)["atom-backup:topology"] as {
        sites: { name: unknown; storageNodes: unknown[] }[];
      };
      assert.deepEqual(
        sites.map(({ name, storageNodes }) => [name, storageNodes]),
        [
          ["0755", ["3"]],
          ["0x1", ["2"]],
          ["2031-01-01", ["4"]],
          ["on", ["1"]],
        ],
      );
      assert.deepEqual(parseStackText(text, "f", "f").problems, []);
    }
  });

  it("never takes what a live object says for YAML of its own", () => {
    const crafted = "thin\natom-backup:waivers: []\n# FILL IN nothing";
    const classes = [
      {
        name: "odd: [class",
        provisioner: linstor,
        parameters: { [`pool\nconfig: {}`]: crafted },
        isDefault: true,
      },
    ];
    const vms = vcenter(
      nodes.map(({ name }) =>
        vm(name, { host: `esx: #${name}`, datastores: ["vsan, [old] #2", "no"] }),
      ),
    );
    const text = stackText("oslo", proposeSite(observation({ classes, vcenter: vms }), decisions));
    const config = values(text);
    assert.equal(config["atom-backup:waivers"], undefined);
    const written = (config["atom-backup:virtualMachines"] as { nodes: unknown[] }).nodes;
    assert.deepEqual(written[0], {
      name: "a1",
      uuid: uuidOf("a1"),
      role: "storage",
      site: "a",
      host: "esx: #a1",
      datastores: ["vsan, [old] #2", "no"],
    });
  });
});
