import { deepStrictEqual, match, ok } from "node:assert/strict";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import { judgeDefaults } from "../../drift/defaults";
import { judgeDown, judgeNodes, survivalNow } from "../../drift/nodes";
import type { Finding } from "../../drift/types";
import { planSite } from "../../planning";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import { checkNodesForTake } from "../../site/preflight/cluster";
import { stops } from "../../site/preflight/finding";
import type { LabSystems } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";
import { desiredOf, stateOf, storageClass } from "./fixtures";

const ZONE = "topology.kubernetes.io/zone";
const desired = desiredOf([storageClass()]);

describe("what the survival proof stands on, against the live nodes", () => {
  let lab: LabSystems;
  let site: Site;
  let undo: (() => Promise<unknown>)[] = [];

  before(async () => {
    lab = await sharedLab();
    site = parseSite(readConfiguration("lab").raw);
  });

  afterEach(async () => {
    for (const step of undo) {
      await step();
    }
    undo = [];
  });

  async function judged(stated: Site = site): Promise<Finding[]> {
    return judgeNodes(stated, await lab.live(desired, stateOf([]), stated));
  }

  const told = (findings: readonly Finding[]): unknown[] =>
    findings.map(({ kind, object, blocked, changes }) => [kind, object, blocked, changes]);

  /** Changes a node until the end of the test. */
  async function change(name: string, edit: (node: ClusterObject) => ClusterObject): Promise<void> {
    const reference = { apiVersion: "v1", kind: "Node", name };
    const before = await lab.cluster.get(reference);
    ok(before !== undefined);
    const set = (to: (node: ClusterObject) => ClusterObject): Promise<unknown> =>
      lab.cluster.modify(reference, "test", to);
    undo.push(() =>
      set((now) => ({
        ...now,
        metadata: { ...now.metadata, labels: before.metadata.labels ?? {} },
        spec: before["spec"],
      })),
    );
    await set(edit);
  }

  const label = (name: string, value: string): Promise<void> =>
    change(name, (node) => ({
      ...node,
      metadata: { ...node.metadata, labels: { ...node.metadata.labels, [ZONE]: value } },
    }));

  const withVms = (edit: (vm: NodeVirtualMachine) => NodeVirtualMachine): Site => ({
    ...site,
    virtualMachines: site.virtualMachines && {
      ...site.virtualMachines,
      nodes: site.virtualMachines.nodes.map(edit),
    },
  });

  it("finds nothing on a lab that is as its stack file says, and nothing against a take", async () => {
    deepStrictEqual(await judged(), []);
    deepStrictEqual(await checkNodesForTake(lab.cluster, planSite(site)), []);
  });

  it("takes a UUID in the other byte order for the same", async () => {
    // 42100000-0000-4000-8000-0000000000a1, as firmware before SMBIOS 2.6 reports it.
    const other = (uuid: string): string =>
      uuid.replace(/^42100000-0000-4000/, "00001042-0000-0040");
    deepStrictEqual(await judged(withVms((vm) => ({ ...vm, uuid: other(vm.uuid) }))), []);
  });

  it("finds swapped UUIDs of two node VMs, and refuses a take", async () => {
    const uuids = new Map(site.virtualMachines?.nodes.map(({ name, uuid }) => [name, uuid]));
    const [a, b] = [uuids.get("atom-a-2") ?? "", uuids.get("atom-b-2") ?? ""];
    const swapped = withVms(({ name, uuid, host: _, datastores: __, ...vm }) => ({
      ...vm,
      name,
      uuid: name === "atom-a-2" ? b : name === "atom-b-2" ? a : uuid,
    }));
    const path = "status.nodeInfo.systemUUID";
    deepStrictEqual(told(await judged(swapped)), [
      ["differs", "Node atom-a-2", true, [{ path, from: a, to: b }]],
      ["differs", "Node atom-b-2", true, [{ path, from: b, to: a }]],
    ]);
    const against = await checkNodesForTake(lab.cluster, planSite(swapped));
    deepStrictEqual(
      against.map(({ severity, check, object }) => [severity, check, object]),
      [
        ["error", "node-facts", "Node atom-a-2"],
        ["error", "node-facts", "Node atom-b-2"],
      ],
    );
    const waiver = { rule: "node-facts", who: "a", why: "b", until: "2099-01-01T00:00:00Z" };
    const waivers = ["Node atom-a-2", "Node atom-b-2"].map((subject) => ({ ...waiver, subject }));
    deepStrictEqual(
      stops(await checkNodesForTake(lab.cluster, planSite({ ...swapped, waivers }))),
      false,
    );
  });

  it("finds a control plane that stands in one site more than is stated", async () => {
    await label("atom-b-cp", "a");
    deepStrictEqual(told(await judged()), [
      [
        "differs",
        "Node atom-b-cp",
        true,
        [{ path: `metadata.labels["${ZONE}"]`, from: "a", to: "b" }],
      ],
      [
        "differs",
        "control plane",
        true,
        [
          { path: "topology.sites[a].controlPlaneNodes", from: 2, to: 1 },
          { path: "topology.sites[b].controlPlaneNodes", from: 0, to: 1 },
        ],
      ],
    ]);
  });

  it("finds storage nodes that are not there, mislabelled ones, and another role than stated", async () => {
    await label("atom-a-1", "c");
    const sites = site.topology.sites.map((one) =>
      one.name === "b" ? { ...one, storageNodes: ["atom-b-1", "atom-b-9"] } : one,
    );
    const stated = withVms((vm) => (vm.name === "atom-c-1" ? { ...vm, role: "controlPlane" } : vm));
    deepStrictEqual(told(await judged({ ...stated, topology: { ...site.topology, sites } })), [
      [
        "differs",
        "Node atom-a-1",
        true,
        [{ path: `metadata.labels["${ZONE}"]`, from: "c", to: "a" }],
      ],
      ["missing", "Node atom-b-9", true, []],
      [
        "differs",
        "Node atom-c-1",
        true,
        [{ path: "role", from: "no control plane", to: "controlPlane" }],
      ],
    ]);
  });

  it("finds a VM on another host and datastore than stated, which blocks nothing", async () => {
    const moved = withVms((vm) =>
      vm.name === "atom-a-1" ? { ...vm, host: "esx-b-1", datastores: ["datastore-b"] } : vm,
    );
    deepStrictEqual(told(await judged(moved)), [
      [
        "differs",
        "VM atom-a-1 of node atom-a-1",
        undefined,
        [
          { path: "host", from: "esx-a-1", to: "esx-b-1" },
          { path: "datastores", from: "datastore-a", to: "datastore-b" },
        ],
      ],
    ]);
  });

  it("warns of nodes that do not work, with what is survived without them", async () => {
    for (const name of ["atom-a-1", "atom-a-2", "atom-b-1", "atom-b-2"]) {
      await change(name, (node) => ({
        ...node,
        spec: {
          ...(node["spec"] as object),
          taints: [
            {
              key: "node.kubernetes.io/out-of-service",
              value: "nodeshutdown",
              effect: "NoExecute",
            },
          ],
        },
      }));
    }
    const [warning, ...others] = await checkNodesForTake(lab.cluster, planSite(site));
    deepStrictEqual([warning?.severity, warning?.check, others], ["warning", "node-ready", []]);
    match(warning?.message ?? "", /: atom-a-1, atom-a-2, atom-b-1 and atom-b-2\.$/);
    const now = survivalNow(planSite(site), await lab.live(desired));
    match(now?.summary ?? "", /not survived/);
    deepStrictEqual(await judged(), []);
    deepStrictEqual(
      judgeDown(site, await lab.live(desired), new Date()).map(({ object }) => object),
      ["Node atom-a-1", "Node atom-a-2", "Node atom-b-1", "Node atom-b-2"],
    );
  });

  for (const mark of [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
  ]) {
    it(`finds a second default class by ${mark}`, async () => {
      const reference = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "theirs" };
      const { apiVersion, kind, name } = reference;
      const metadata = { name, annotations: { [mark]: "true" } };
      await lab.cluster.create(
        { apiVersion, kind, metadata, provisioner: "example.com/none" },
        "them",
      );
      undo.push(() => lab.cluster.delete(reference, undefined));
      const [found, ...others] = judgeDefaults(desired, await lab.live(desired));
      deepStrictEqual(
        [found?.kind, found?.object, found?.changes, others],
        [
          "differs",
          "StorageClass theirs",
          [{ path: `metadata.annotations["${mark}"]`, from: "true", to: undefined }],
          [],
        ],
      );
      match(found?.reason ?? "", /^theirs and atom-replicated are both default/);
    });
  }
});
