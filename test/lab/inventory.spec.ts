import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { LAB_VCENTER_USER } from "../../lab/credentials";
import { LAB_NODES } from "../../lab/inventory";
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
