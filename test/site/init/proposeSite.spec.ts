import assert from "node:assert/strict";

import type { Decisions } from "../../../site/init/proposeSite";
import { proposeSite } from "../../../site/init/proposeSite";
import type { Observation } from "../../../site/init/observe";
import type { Vm } from "../../../clients/vcenter/vms";
import { assertTold } from "../../support/told";
import { InitRefusedError } from "../../../site/init/refusal";
import {
  controlPlane,
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

const labels = (more: Readonly<Record<string, string>>) => ({
  "kubernetes.io/os": "linux",
  ...more,
});

type Refused = readonly [
  title: string,
  seen: Partial<Observation>,
  decided: Partial<Decisions>,
  expected: readonly string[],
];

const refused: readonly Refused[] = [
  [
    "a cluster in which no CSI driver is registered",
    { nodes: nodes.map((one) => ({ ...one, drivers: [] })) },
    {},
    ["backend: no node has a CSI driver registered … Install the storage backend first"],
  ],
  [
    "drivers of two known backends",
    { nodes: [node("a1", "a", { drivers: [linstor, "driver.longhorn.io", "nfs.csi.k8s.io"] })] },
    {},
    [`backend: several … driver.longhorn.io (longhorn) and ${linstor} (linstor). … --driver NAME`],
  ],
  [
    "two drivers of which none is known",
    { nodes: [node("a1", "a", { drivers: ["one.example", "two.example"] })] },
    {},
    ["backend: several … one.example (generic) and two.example (generic). … --driver NAME"],
  ],
  [
    "a driver that is not there",
    {},
    { driver: "driver.longhorn.io" },
    [`backend: no node has the CSI driver driver.longhorn.io; there are ${linstor}. … Name one`],
  ],
  [
    "nodes without the site label, naming labels that could be it",
    {
      nodes: ["a1", "a2", "b1"].map((name) =>
        node(name, "", {
          labels: labels({ "example.com/room": name.slice(0, 1), "kubernetes.io/hostname": name }),
        }),
      ),
    },
    {},
    [
      `topology.siteLabel: no node carries the label ${zone}. … : example.com/room. … kubectl label node NODE ${zone}=SITE … --site-label LABEL`,
    ],
  ],
  [
    "one node without it, be it a control-plane node",
    { nodes: [...nodes, { ...controlPlane("d3", "d"), labels: labels({}) }] },
    {},
    [`topology.siteLabel: the label ${zone} is missing on d3. … ${zone}=SITE).`],
  ],
  [
    "nodes of which no VM is in vCenter",
    { nodes: [node("a1", "a")], vcenter: vcenter([vm("b1")]) },
    {},
    [
      `virtualMachines.nodes: no VM of vCenter vcenter.example.internal … atom-backup@vsphere.local … a1 ${uuidOf("a1")}. … leave --vcenter out`,
    ],
  ],
  [
    "a UUID that a clone has as well",
    {
      nodes: [node("a1", "a")],
      vcenter: vcenter([vm("a1"), vm("a1", { name: "clone", reference: "vm-7" })]),
    },
    {},
    [
      `virtualMachines.nodes: … ${uuidOf("a1")} of node a1 … k8s-a1 (vm-a1), clone (vm-7). … the clone another BIOS UUID`,
    ],
  ],
  [
    "two nodes with one UUID, which are no two VMs",
    {
      nodes: [node("a1", "a"), node("b1", "b", { systemUuid: uuidOf("a1").toUpperCase() })],
      vcenter: vcenter([vm("a1")]),
    },
    {},
    [
      `virtualMachines.nodes: … ${uuidOf("a1")} of node a1 … node b1 as well. … BIOS UUID of its own`,
    ],
  ],
  [
    "a label that was asked for and nobody carries",
    { nodes: [node("a1", "a")] },
    { siteLabel: "rack" },
    ["topology.siteLabel: no node carries the label rack. … rack=SITE)."],
  ],
  [
    "several of these at once",
    {
      nodes: [
        node("a1", "a", { drivers: [], labels: labels({}) }),
        node("b1", "b", { drivers: [] }),
      ],
    },
    {},
    ["backend: no node has a CSI driver", `topology.siteLabel: the label ${zone} is missing on a1`],
  ],
];

describe("a proposal for a new site is refused for", () => {
  for (const [title, seen, decided, expected] of refused) {
    it(title, () => {
      const propose = () => proposeSite(observation(seen), { ...decisions, ...decided });
      assert.throws(propose, (error) => {
        assert.ok(error instanceof InitRefusedError);
        const [, ...lines] = error.message.split("\n");
        assertTold(
          lines.map((line) => line.trim()),
          expected,
        );
        return true;
      });
    });
  }
});

describe("a proposal for a new site", () => {
  it("takes sites from the label, storage nodes from the driver and votes from the role label", () => {
    const { driver, backend, topology } = proposeSite(observation(), decisions);
    assert.deepEqual({ driver, backend }, { driver: linstor, backend: "linstor" });
    const site = (name: string, storageNodes: string[], role: string) => ({
      name,
      storageNodes,
      controlPlaneNodes: 1,
      converged: false,
      role,
    });
    assert.deepEqual(topology, {
      siteLabel: zone,
      sites: [
        site("a", ["a1", "a2"], "data"),
        site("b", ["b1", "b2"], "data"),
        site("c", [], "witness"),
      ],
    });
  });

  it("finds each node's VM by its UUID, in either byte order, and gives it its role and site", () => {
    const turned = vm("b1", { uuid: "33221100-5544-7766-8899-aabbccddeeff" });
    const { vms } = proposeSite(
      observation({
        nodes: [
          node("a1", "a"),
          controlPlane("a3", "a"),
          node("b1", "b", { systemUuid: "00112233-4455-6677-8899-aabbccddeeff" }),
          node("b2", "b", { drivers: [] }),
        ],
        vcenter: vcenter([vm("b2"), turned, vm("a1"), vm("a3"), vm("x")]),
      }),
      decisions,
    );
    assert.deepEqual(vms, {
      leftOut: [],
      nodes: [
        { name: "a1", uuid: uuidOf("a1"), role: "storage", site: "a" },
        { name: "a3", uuid: uuidOf("a3"), role: "controlPlane", site: "a" },
        { name: "b1", uuid: turned.uuid, role: "storage", site: "b" },
        { name: "b2", uuid: uuidOf("b2"), role: "worker", site: "b" },
      ],
    });
  });

  it("takes hosts and datastores from vCenter where it shows them for every node, and else for none", () => {
    const read = (change: Partial<Vm>) => {
      const { vms } = proposeSite(
        observation({
          nodes: [node("a1", "a"), node("b1", "b")],
          vcenter: vcenter([
            vm("a1", { host: "esx-a", datastores: ["local a", "shared"] }),
            vm("b1", { host: "esx-b", datastores: ["local b"], ...change }),
          ]),
        }),
        decisions,
      );
      return vms?.nodes.map(({ host, datastores }) => [host, datastores]);
    };
    assert.deepEqual(read({}), [
      ["esx-a", ["local a", "shared"]],
      ["esx-b", ["local b"]],
    ]);
    assert.deepEqual(read({ host: undefined, datastores: [] }), [
      [undefined, undefined],
      [undefined, undefined],
    ]);
    assert.deepEqual(read({ datastores: [] }), [
      ["esx-a", undefined],
      ["esx-b", undefined],
    ]);
  });

  it("prefers the one known backend over drivers of other kinds, and takes an unknown one as generic", () => {
    const mixed = [node("a1", "a", { drivers: ["secrets-store.csi.k8s.io", linstor] })];
    assert.equal(proposeSite(observation({ nodes: mixed }), decisions).backend, "linstor");
    const unknown = [node("a1", "a", { drivers: ["csi.array.example"] })];
    const { backend, driver } = proposeSite(observation({ nodes: unknown }), decisions);
    assert.deepEqual({ backend, driver }, { backend: "generic", driver: "csi.array.example" });
  });

  it("does not declare a second default class, and does not take our own for another", () => {
    const classOf = (name: string) => ({
      name,
      provisioner: linstor,
      parameters: {},
      isDefault: true,
    });
    const other = observation({ classes: [classOf("atom-replicated"), classOf("piraeus")] });
    const told = (seen: Observation) => {
      const { defaults, isDefault } = proposeSite(seen, decisions);
      return [defaults, isDefault];
    };
    // What lives as default stays one, so that nothing changes; which of two it is to be, a person says.
    assert.deepEqual(told(other), [["atom-replicated", "piraeus"], true]);
    const two = observation({ classes: [classOf("piraeus"), classOf("local")] });
    assert.deepEqual(told(two), [["piraeus", "local"], false]);
    const own = observation({ classes: [classOf("atom-replicated")] });
    assert.deepEqual(told(own), [["atom-replicated"], true]);
  });

  it("counts a node with driver and role label as both, in the topology and among the VMs", () => {
    const names = ["n1", "n2", "n3"];
    const { topology, vms } = proposeSite(
      observation({
        nodes: names.map((name) => node(name, "a", { controlPlane: true })),
        vcenter: vcenter(names.map((name) => vm(name))),
      }),
      decisions,
    );
    assert.deepEqual(topology.sites, [
      { name: "a", storageNodes: names, controlPlaneNodes: 3, converged: true, role: "data" },
    ]);
    assert.deepEqual(
      vms?.nodes.map(({ role }) => role),
      ["converged", "converged", "converged"],
    );
  });

  it("takes nodes without any label of a place for one site, a virtual node and a worker without label for none", () => {
    const bare = ["n1", "n2", "n3"].map((name) => node(name, "", { labels: labels({}) }));
    const kubelet = node("virtual", "", { labels: labels({}), drivers: [], systemUuid: "" });
    assert.deepEqual(proposeSite(observation({ nodes: [...bare, kubelet] }), decisions).topology, {
      siteLabel: zone,
      sites: [
        {
          name: "main",
          storageNodes: ["n1", "n2", "n3"],
          controlPlaneNodes: 0,
          converged: false,
          role: "data",
        },
      ],
    });
    const { topology, vms } = proposeSite(
      observation({
        nodes: [...nodes, kubelet],
        vcenter: vcenter(nodes.map(({ name }) => vm(name))),
      }),
      decisions,
    );
    assert.deepEqual(
      topology.sites.map(({ name }) => name),
      ["a", "b", "c"],
    );
    assert.equal(vms?.nodes.length, nodes.length);
    assert.deepEqual(vms?.leftOut, []);
  });

  it("goes on beside one node that is no VM, and says which", () => {
    const { vms } = proposeSite(
      observation({ vcenter: vcenter(nodes.slice(1).map(({ name }) => vm(name))) }),
      decisions,
    );
    assert.deepEqual(vms?.leftOut, ["a1"]);
    assert.equal(vms?.nodes.length, nodes.length - 1);
  });

  for (const [driver, parameters, options] of [
    ["rook-ceph.rbd.csi.ceph.com", {}, {}],
    ["rook-ceph.cephfs.csi.ceph.com", {}, { storage: "cephfs" }],
    ["openshift-storage.rbd.csi.ceph.com", {}, { namespace: "openshift-storage" }],
    [
      "rook-operators.cephfs.csi.ceph.com",
      { clusterID: "ceph-site" },
      { storage: "cephfs", namespace: "ceph-site", operatorNamespace: "rook-operators" },
    ],
    ["csi.array.example", {}, { provisioner: "csi.array.example" }],
    [linstor, {}, {}],
  ] as const) {
    it(`carries what ${driver} tells into the options`, () => {
      const seen = observation({
        nodes: [node("a1", "a", { drivers: [driver] })],
        classes: [{ name: "used", provisioner: driver, parameters, isDefault: false }],
      });
      assert.deepEqual(proposeSite(seen, decisions).options, options);
    });
  }
});
