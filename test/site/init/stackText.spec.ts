import assert from "node:assert/strict";
import { parse } from "yaml";

import { checkConfiguration } from "../../../config/parseSite";
import { parseStackText } from "../../../config/stackFile";
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

function problemsOf(text: string): string[] {
  const file = parseStackText(text, "/nowhere/Pulumi.oslo.yaml", "Pulumi.oslo.yaml");
  const raw = {
    stack: "oslo",
    file: file.file,
    values: file.values,
    secretKeys: [],
    points: [],
    problems: file.problems,
  };
  return checkConfiguration(raw).problems.map(({ path }) => path);
}

describe("the stack file of a new site", () => {
  it("says what was found: backend, sites, VMs and the pinned cluster", () => {
    const seen = observation({ vcenter: vcenter(nodes.map(({ name }) => vm(name))) });
    const text = stackText("oslo", proposeSite(seen, { ...decisions, context: "production" }));
    const config = values(text);
    assert.equal(config["atom-backup:backend"], "linstor");
    assert.deepEqual(config["atom-backup:cluster"], {
      context: "production",
      clusterUid: "0c0ffee0-0000-4000-8000-000000000001",
      namespace: "atom-backup",
    });
    const {
      server,
      user,
      nodes: written,
    } = config["atom-backup:virtualMachines"] as {
      server: string;
      user: string;
      nodes: unknown[];
    };
    assert.deepEqual(
      { server, user },
      {
        server: "vcenter.example.internal",
        user: "atom-backup@vsphere.local",
      },
    );
    assert.deepEqual(written[0], { name: "a1", uuid: uuidOf("a1"), role: "storage", site: "a" });
    assert.doesNotMatch(text, /vcenterPassword:/, "a password is never written here");
  });

  it("has hosts and datastores by the names that vCenter shows, whatever is in them", () => {
    const seen = observation({
      vcenter: vcenter(
        nodes.map(({ name }) =>
          vm(name, { host: `esx-${name}.example`, datastores: ["vsan, [old] #2", "no"] }),
        ),
      ),
    });
    const config = values(stackText("oslo", proposeSite(seen, decisions)));
    const written = (config["atom-backup:virtualMachines"] as { nodes: unknown[] }).nodes;
    assert.deepEqual(written[0], {
      name: "a1",
      uuid: uuidOf("a1"),
      role: "storage",
      site: "a",
      host: "esx-a1.example",
      datastores: ["vsan, [old] #2", "no"],
    });
  });

  it("is refused by the configuration for nothing but what is marked to be filled in", () => {
    const text = stackText("oslo", proposeSite(observation(), decisions));
    assert.match(
      text,
      /# FILL IN LINSTOR storage pool that holds the copies, .*:\n +# storagePool:\n/,
    );
    assert.match(
      text,
      /# FILL IN kind of the storage pool; .* \(LVM_THIN, ZFS, ZFS_THIN, FILE_THIN\):/,
    );
    assert.match(text, /# FILL IN the nodes that run the backend's tie-breaker, .*: c3\n/);
    assert.deepEqual(problemsOf(text), ["backendOptions", "topology.sites[2].storageNodes"]);
    const filled = text
      .replace("# storagePool:", "storagePool: thin")
      .replace("# poolKind:", "poolKind: LVM_THIN")
      .replace("storageNodes: []", "storageNodes: [c3]");
    assert.deepEqual(problemsOf(filled), []);
  });

  it("hints at what the driver is used with today", () => {
    const piraeus = {
      name: "piraeus",
      provisioner: linstor,
      parameters: { "linstor.csi.linbit.com/storagePool": "pool1" },
      isDefault: true,
    };
    const text = stackText("oslo", proposeSite(observation({ classes: [piraeus] }), decisions));
    assert.match(
      text,
      /# StorageClass piraeus of this driver says: linstor\.csi\.linbit\.com\/storagePool=pool1\n/,
    );
    assert.match(text, /# piraeus is the cluster's default class; .*\n +default: false\n/);
  });

  it("leaves the VMs as lines to fill in where no vCenter was asked, with the UUIDs of the nodes", () => {
    const text = stackText("oslo", proposeSite(observation(), decisions));
    assert.equal(values(text)["atom-backup:virtualMachines"], undefined);
    assert.match(
      text,
      /# FILL IN server and user where the nodes are VMware VMs, and compare the UUIDs/,
    );
    assert.ok(
      text.includes(`  #     - { name: a1, uuid: ${uuidOf("a1")}, role: storage, site: a }\n`),
      text,
    );
  });

  it("says which parts of the cluster are missing", () => {
    const seen = observation({ snapshotKinds: false, groupSnapshotKinds: false, namespaces: [] });
    const text = stackText("oslo", proposeSite(seen, decisions));
    assert.match(
      text,
      /# FILL IN: the cluster serves no VolumeSnapshotClass of snapshot\.storage\.k8s\.io\/v1/,
    );
    assert.match(text, /# FILL IN the namespaces: the cluster does not have atom \(yet\)\./);
    assert.equal((values(text)["atom-backup:snapshots"] as { group: string }).group, "never");
  });

  it("keeps texts texts that YAML would take for numbers or booleans", () => {
    const odd = [
      node("1", "on", { labels: { [zone]: "on" } }),
      node("2", "0x1", { labels: { [zone]: "0x1" } }),
    ];
    const text = stackText("oslo", proposeSite(observation({ nodes: odd }), decisions));
    const { sites } = values(text)["atom-backup:topology"] as {
      sites: { name: unknown; storageNodes: unknown[] }[];
    };
    assert.deepEqual(
      sites.map(({ name, storageNodes }) => [name, storageNodes]),
      [
        ["0x1", ["2"]],
        ["on", ["1"]],
      ],
    );
  });
});
