import assert from "node:assert/strict";

import { compareNodes } from "../../../drift/nodes";
import { checkSite, planSite } from "../../../planning";
import type { FailureDomainSite, NodeVirtualMachine, Site } from "../../../planning/site";
import { pointFile } from "../../support/points";
import { dataSite, longhornSite, MACHINES } from "../../support/sites";

/** The usual small site: three nodes that each run the control plane and hold copies. */
function threeNodes(change: Partial<FailureDomainSite>, more: Partial<Site> = {}): Site {
  const nodes = dataSite("a", 3, { controlPlaneNodes: 3, ...change });
  return longhornSite([nodes], { replicationFactor: 3, survive: "node", ...more });
}

const vmsOf = (role: NodeVirtualMachine["role"]): Site["virtualMachines"] => ({
  ...MACHINES,
  nodes: ["a-1", "a-2", "a-3"].map((name, index) => ({
    name,
    uuid: `4221a701-0000-4000-8000-00000000000${index}`,
    role,
    site: "a",
  })),
});

describe("nodes that are control plane and storage in one", () => {
  it("outlive one of them, and never any two, since etcd's majority goes with the second", () => {
    const verdicts = (site: Site) =>
      planSite(site).survival.verdicts.flatMap(({ loss, survived, rule }) =>
        loss.kind === "node" || loss.kind === "nodes" ? [[loss.kind, survived, rule] as const] : [],
      );
    const converged = threeNodes({ converged: true });
    assert.deepEqual(checkSite(converged), []);
    const [, , , pair] = verdicts(converged);
    assert.deepEqual(
      verdicts(converged).map(([kind, survived]) => [kind, survived]),
      [
        ["node", true],
        ["node", true],
        ["node", true],
        ["nodes", false],
      ],
    );
    assert.match(pair?.[2] ?? "", /1 of 3 control-plane nodes stays \(2 needed\)/);
    assert.doesNotMatch(planSite(converged).survival.summary, /any two nodes/);
    assert.match(planSite(threeNodes({})).survival.summary, /any two nodes/);
  });

  it("are refused without their number", () => {
    assert.deepEqual(
      checkSite(threeNodes({ converged: true, controlPlaneNodes: 0 })).map(({ path }) => path),
      ["topology.sites[0].controlPlaneNodes"],
    );
  });

  it("are not taken running by a point of all VMs", () => {
    const point = pointFile({ virtualMachines: "all", consistency: "crash" });
    const site = threeNodes(
      { converged: true },
      { virtualMachines: vmsOf("converged"), restorePoints: [point] },
    );
    const [problem] = checkSite(site);
    assert.deepEqual(
      [problem?.path, problem?.file],
      ["virtualMachines", "stacks/restore-points/north/pre-24.1.yaml"],
    );
    assert.match(problem?.message ?? "", /a-1, a-2 and a-3 are control-plane nodes/);
  });

  it("are a difference where the stack file does not say so", () => {
    const live = ["a-1", "a-2", "a-3"].map((name) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels: { "node-role.kubernetes.io/control-plane": "" } },
    }));
    const paths = (site: Site) =>
      compareNodes(site, live).flatMap(({ changes }) => changes.map(({ path }) => path));
    assert.deepEqual(paths(threeNodes({})), Array(3).fill("topology.sites[a].converged"));
    assert.deepEqual(paths(threeNodes({ converged: true })), []);
    assert.deepEqual(
      paths(threeNodes({ converged: true }, { virtualMachines: vmsOf("converged") })),
      [],
    );
    assert.deepEqual(
      paths(threeNodes({ converged: true }, { virtualMachines: vmsOf("storage") })),
      ["role", "role", "role"],
    );
  });
});
