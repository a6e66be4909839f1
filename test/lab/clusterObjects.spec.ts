import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { clusterObjects, nodeStatuses } from "../../lab/clusterObjects";
import { LAB_VCENTER_USER } from "../../lab/credentials";
import { LAB_NODES, LAB_STORAGE_NODES } from "../../lab/inventory";
import { projectDir } from "../../lab/paths";

describe("the lab's inventory", () => {
  it("has in each of three sites two storage nodes and a control-plane node", () => {
    assert.deepEqual(
      LAB_NODES.map((node) => `${node.site} ${node.role} ${node.name} ${node.host}`),
      ["a", "b", "c"].flatMap((site) => [
        `${site} storage atom-${site}-1 esx-${site}-1`,
        `${site} storage atom-${site}-2 esx-${site}-2`,
        `${site} controlPlane atom-${site}-cp esx-${site}-1`,
      ]),
    );
  });

  it("has different UUIDs of the right form", () => {
    const uuids = LAB_NODES.flatMap((node) => [node.uuid, node.instanceUuid]);
    assert.equal(new Set(uuids).size, 18);
    for (const uuid of uuids) {
      assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("is what the lab stack names", () => {
    const file = path.join(projectDir(), "stacks", "Pulumi.lab.yaml");
    const stack = parse(fs.readFileSync(file, "utf8")) as {
      config: { "atom-backup:virtualMachines": { user: string; nodes: Record<string, unknown>[] } };
    };
    const { user, nodes } = stack.config["atom-backup:virtualMachines"];
    assert.equal(user, LAB_VCENTER_USER);
    assert.deepEqual(
      nodes,
      LAB_NODES.map(({ name, uuid, role, site, host }) => ({
        name,
        uuid,
        role,
        site,
        host,
        datastores: [`datastore-${site}`],
      })),
    );
  });
});

describe("the objects of the lab's cluster", () => {
  const at = (path: string) => clusterObjects().find((object) => object.path === path)?.object;

  it("are the nodes, the driver and its entry on each storage node", () => {
    assert.deepEqual(
      clusterObjects()
        .map((object) => object.path)
        .sort(),
      [
        ...LAB_NODES.map((node) => `/api/v1/nodes/${node.name}`),
        ...LAB_STORAGE_NODES.map((node) => `/apis/storage.k8s.io/v1/csinodes/${node.name}`),
        "/apis/storage.k8s.io/v1/csidrivers/lab.csi.atom.example",
      ].sort(),
    );
  });

  it("label a node with site and role and tie it to its virtual machine", () => {
    assert.deepEqual(at("/api/v1/nodes/atom-b-cp"), {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "atom-b-cp",
        labels: {
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": "atom-b-cp",
          "kubernetes.io/os": "linux",
          "topology.kubernetes.io/zone": "b",
          "node-role.kubernetes.io/control-plane": "",
          "lab.atom.example/played-by": "kwok",
        },
        annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      },
      spec: {
        providerID: "vsphere://42100000-0000-4000-8000-0000000000bf",
        taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
      },
    });
  });

  it("list the driver with the site as its topology", () => {
    assert.deepEqual(at("/apis/storage.k8s.io/v1/csinodes/atom-c-2")?.["spec"], {
      drivers: [
        {
          name: "lab.csi.atom.example",
          nodeID: "atom-c-2",
          topologyKeys: ["topology.kubernetes.io/zone"],
        },
      ],
    });
  });

  it("report the machine's UUID on each node", () => {
    const uuids = nodeStatuses().map(({ object }) => {
      const status = object["status"] as { nodeInfo: { systemUUID: string } };
      return status.nodeInfo.systemUUID;
    });
    assert.deepEqual(
      uuids,
      LAB_NODES.map((node) => node.uuid),
    );
  });
});
