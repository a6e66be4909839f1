import assert from "node:assert/strict";

import type { JsonMap } from "../../config/rawConfiguration";
import { raw, said, smallest, withVms, without } from "./fixture";

// Full texts of what an operator reads. What planning says is its own tests' subject; here stands what comes through.

const dnsName =
  'small letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 253 characters';
const pointName = dnsName.replace("253", "63");
const knownKeys =
  "Known keys: replicationFactor, survive, failover, backend, backendVersion, backendOptions, product, topology, classes, snapshots, restorePoints, virtualMachines, vcenterPassword, restorePointsDir, ledgerDir, retention, nodeBackups, cluster, waivers.";
const backends =
  "Allowed: lab, linstor, longhorn, generic, rook-ceph, vsphere-csi, mayastor, portworx.";
const vms = withVms["virtualMachines"] as JsonMap;
const nodes = vms["nodes"] as readonly JsonMap[];
const [first, second] = nodes;
const waiver = { rule: "single-copy", subject: "replicationFactor", who: "me", why: "test" };
const until = "2031-01-01T00:00:00Z";

const table: readonly (readonly [string, JsonMap, readonly string[]])[] = [
  [
    "a factor that is text",
    { ...smallest, replicationFactor: "two" },
    ['replicationFactor = "two": is not a whole number. Allowed: a whole number of at least 1.'],
  ],
  [
    "a factor that is broken",
    { ...smallest, replicationFactor: 2.5 },
    ["replicationFactor = 2.5: is not a whole number. Allowed: a whole number of at least 1."],
  ],
  [
    "a factor that is broken, as the engine hands it over",
    { ...smallest, replicationFactor: "2.5" },
    ["replicationFactor = 2.5: is not a whole number. Allowed: a whole number of at least 1."],
  ],
  [
    "factor 0, which is never taken for absent",
    { ...smallest, replicationFactor: 0 },
    ["replicationFactor = 0: is too small. Allowed: a whole number of at least 1."],
  ],
  [
    "a negative factor",
    { ...smallest, replicationFactor: "-1" },
    ["replicationFactor = -1: is too small. Allowed: a whole number of at least 1."],
  ],
  [
    "a factor without a value",
    { ...smallest, replicationFactor: null },
    ["replicationFactor = null: has no value. Allowed: a whole number of at least 1."],
  ],
  [
    "a misspelt backend",
    { ...smallest, backend: "linstro" },
    [`backend = "linstro": is not allowed. Did you mean linstor? ${backends}`],
  ],
  [
    "no backend",
    { product: { namespaces: ["atom"] }, topology: smallest["topology"] ?? null },
    [`backend: is missing. ${backends}`],
  ],
  ["an unknown key", { ...smallest, colour: "red" }, [`colour: is not a known key. ${knownKeys}`]],
  [
    "a misspelt key",
    { ...smallest, replicatonFactor: 3 },
    ["replicatonFactor: is not a known key. Did you mean replicationFactor?"],
  ],
  [
    "a literal key with a path in it",
    { ...smallest, "topology.sites[0].name": "x" },
    [
      '"topology.sites[0].name": is a literal key, which nothing reads. Write it nested, under topology: ./atom does so with -c, pulumi config set with --path.',
    ],
  ],
  [
    "a misspelt required key, once",
    { ...smallest, topology: { sites: [{ name: "a", storageNods: ["a-1", "a-2"] }] } },
    ["topology.sites[0].storageNods: is not a known key. Did you mean storageNodes?"],
  ],
  [
    "an unknown key in the depth",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, cpu: 4 }] } },
    [
      "virtualMachines.nodes[0].cpu: is not a known key. Known keys: name, uuid, role, site, host, datastores.",
    ],
  ],
  [
    "hosts and datastores of some node VMs only",
    {
      ...withVms,
      virtualMachines: {
        ...vms,
        nodes: nodes.map((node, at) =>
          at === 1 ? { ...node, host: "esx-1" } : at === 2 ? { ...node, datastores: ["d"] } : node,
        ),
      },
    },
    [
      "virtualMachines.nodes[0].host: is stated of 1 of 3 nodes and not of a-1 and c-1; a loss would be judged by half of the VMs. Write the ESXi host that it runs on for every node, or host for none.",
      "virtualMachines.nodes[0].datastores: is stated of 1 of 3 nodes and not of a-1 and b-1; a loss would be judged by half of the VMs. Write the datastores that hold its disks for every node, or datastores for none.",
    ],
  ],
  [
    "a datastore that is named twice, and names that vCenter cannot show",
    {
      ...withVms,
      virtualMachines: {
        ...vms,
        nodes: nodes.map((node, at) => ({
          ...node,
          host: at === 0 ? " esx-1" : `esx-${at}`,
          datastores: at === 1 ? ["d", "e", "d"] : at === 2 ? [] : ["d"],
        })),
      },
    },
    [
      'virtualMachines.nodes[0].host = " esx-1": has a form that is refused. Allowed: the name that vCenter shows, one line without blanks around it, at most 255 characters.',
      "virtualMachines.nodes[2].datastores = []: is empty. Allowed: a list with one entry or more.",
      'virtualMachines.nodes[1].datastores[2] = "d": is that of virtualMachines.nodes[1].datastores[0] already.',
    ],
  ],
  [
    "nodes on one ESXi host that hold both copies",
    {
      ...withVms,
      virtualMachines: {
        ...vms,
        nodes: nodes.map((node, at) => ({ ...node, host: at < 2 ? "esx-1" : "esx-2" })),
      },
    },
    [
      'virtualMachines.nodes[0].host = "esx-1": host esx-1 carries a-1 and b-1, and with it both copies are lost with host esx-1. Allowed: a-1 and b-1 on different hosts (move b-1, and keep them apart with a DRS anti-affinity rule). A waiver of rule shared-host for subject host esx-1 lets it pass.',
    ],
  ],
  [
    "a backend option that drivers would ignore",
    {
      ...smallest,
      backend: "longhorn",
      survive: "node",
      failover: "automatic",
      backendOptions: { dataLocalty: "disabled" },
    },
    [
      'backendOptions.dataLocalty = "disabled": the backend longhorn has no such option here. Did you mean dataLocality? Known keys: namespace, dataLocality, diskSelector, nodeSelector, encryptionSecretName, encryptionSecretNamespace.',
    ],
  ],
  [
    "a misspelt choice",
    { ...smallest, classes: [{ name: "x", reclaimPolicy: "retain" }] },
    [
      'classes[0].reclaimPolicy = "retain": is not allowed. Did you mean Retain? Allowed: Retain, Delete.',
    ],
  ],
  [
    "a switch in quotes",
    { ...smallest, classes: [{ name: "x", expansion: "true" }] },
    ['classes[0].expansion = "true": is text, not true or false. Write it without quotes.'],
  ],
  [
    "two default classes",
    {
      ...smallest,
      classes: [
        { name: "x", default: true },
        { name: "y", default: true },
      ],
    },
    [
      "classes[1].default = true: makes a second default class beside classes[0]; the cluster would use the one created last. Set default: true on one class only.",
    ],
  ],
  [
    "two classes of one name",
    { ...smallest, classes: [{ name: "x" }, { name: "x" }] },
    ['classes[1].name = "x": is that of classes[0] already.'],
  ],
  [
    "no class at all",
    { ...smallest, classes: [] },
    ["classes = []: is empty. Allowed: a list with one entry or more."],
  ],
  [
    "a class name that Kubernetes refuses",
    { ...smallest, classes: [{ name: "Atom_Replicated" }] },
    [`classes[0].name = "Atom_Replicated": has a form that is refused. Allowed: ${dnsName}.`],
  ],
  [
    "a class name that is too long",
    { ...smallest, classes: [{ name: "x".repeat(254) }] },
    [`classes[0].name = "${"x".repeat(79)}…: is too long: 254 characters. Allowed: ${dnsName}.`],
  ],
  [
    "a point name that vSphere refuses",
    { ...smallest, restorePoints: ["pre/24.1"] },
    [`restorePoints[0] = "pre/24.1": has a form that is refused. Allowed: ${pointName}.`],
  ],
  [
    "a site name that no label carries",
    { ...smallest, topology: { sites: [{ name: "hall 1", storageNodes: ["a-1", "a-2"] }] } },
    [
      'topology.sites[0].name = "hall 1": has a form that is refused. Allowed: letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters.',
    ],
  ],
  [
    "an address with https://",
    { ...withVms, virtualMachines: { ...vms, server: "https://vc.example/sdk" } },
    [
      'virtualMachines.server = "https://vc.example/sdk": has a form that is refused. Allowed: a host name or host:port, without https:// and without a path.',
    ],
  ],
  [
    "a port that does not exist",
    { ...withVms, virtualMachines: { ...vms, server: "vc.example:70000" } },
    [
      'virtualMachines.server = "vc.example:70000": has a port that does not exist. Allowed: ports from 1 to 65535.',
    ],
  ],
  [
    "a chain deeper than vSphere allows",
    { ...withVms, virtualMachines: { ...vms, maxDepth: 32 } },
    ["virtualMachines.maxDepth = 32: is too large. Allowed: a whole number from 1 to 31."],
  ],
  [
    "a malformed UUID",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, uuid: "4210-1" }] } },
    [
      'virtualMachines.nodes[0].uuid = "4210-1": has a form that is refused. Allowed: a UUID such as 42100000-0000-4000-8000-0000000000a1.',
    ],
  ],
  [
    "a UUID twice, in whatever case",
    {
      ...withVms,
      virtualMachines: {
        ...vms,
        nodes: [
          { ...first, uuid: "42100000-0000-4000-8000-0000000000ab" },
          { ...second, uuid: "42100000-0000-4000-8000-0000000000AB" },
        ],
      },
    },
    [
      'virtualMachines.nodes[1].uuid = "42100000-0000-4000-8000-0000000000ab": is that of virtualMachines.nodes[0] already.',
    ],
  ],
  [
    "a VM listed twice",
    {
      ...withVms,
      virtualMachines: {
        ...vms,
        nodes: [first ?? null, { ...second, name: "a-1", site: "a" }],
      },
    },
    ['virtualMachines.nodes[1].name = "a-1": is that of virtualMachines.nodes[0] already.'],
  ],
  [
    "a VM in an unknown site",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, site: "z" }] } },
    ['virtualMachines.nodes[0].site = "z": is no site of topology.sites. Sites: a, b, c.'],
  ],
  [
    "a VM in another site than its node",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, site: "b" }] } },
    [
      'virtualMachines.nodes[0].site = "b": is not the site that lists a-1 among its storage nodes. Write site: a, or list the node in b.',
      'virtualMachines.nodes[0].role = "storage": cannot be: topology.sites[1].storageNodes does not list a-1. Write another role, or add a-1 to the storage nodes of b.',
    ],
  ],
  [
    "a storage node that passes for a worker",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, role: "worker" }] } },
    [
      'virtualMachines.nodes[0].role = "worker": cannot be: topology.sites[0].storageNodes lists a-1. Write role: storage.',
    ],
  ],
  [
    "a namespace twice",
    { ...smallest, product: { namespaces: ["atom", "atom"] } },
    ['product.namespaces[1] = "atom": is that of product.namespaces[0] already.'],
  ],
  [
    "a day that does not exist",
    { ...smallest, waivers: [{ ...waiver, until: "2031-02-30T00:00:00Z" }] },
    [
      'waivers[0].until = "2031-02-30T00:00:00Z": is not an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z.',
    ],
  ],
  [
    "a waiver that nobody answers for",
    { ...smallest, waivers: [{ ...waiver, who: "", until }] },
    ['waivers[0].who = "": is empty. Allowed: one line of text, at most 500 characters.'],
  ],
  [
    "a version that is none",
    { ...smallest, backendVersion: "newest" },
    ['backendVersion = "newest": has a form that is refused. Allowed: a version such as 1.12.1.'],
  ],
  [
    "an empty folder, which is never taken for absent",
    { ...smallest, restorePointsDir: "" },
    [
      'restorePointsDir = "": is empty. Allowed: the path of a folder, relative to the project or absolute.',
    ],
  ],
  [
    "a map where a list belongs",
    { ...smallest, restorePoints: { one: 1 } },
    ["restorePoints = {…}: is not a list. Allowed: a list."],
  ],
  [
    "an option that is a map",
    { ...smallest, backendOptions: { storagePool: { name: "x" } } },
    [
      "backendOptions.storagePool = {…}: is not text, a whole number, true, false or a list of texts.",
    ],
  ],
];

describe("configuration that is refused", () => {
  for (const [name, values, expected] of table) {
    it(name, () => {
      const count = expected.length === 1 ? "1 problem" : `${expected.length} problems`;
      assert.deepEqual(said(raw(values)), [
        `stacks/Pulumi.demo.yaml: ${count}`,
        ...expected.map((line) => `  ${line}`),
      ]);
    });
  }

  it("never prints a password that stands in clear", () => {
    assert.deepEqual(
      said(raw({ ...smallest, vcenterPassword: "hunter2", vcenterPasword: "hunter3" })),
      [
        "stacks/Pulumi.demo.yaml: 2 problems",
        "  vcenterPassword: stands in clear. Take it out, choose another password and set it with pulumi config set --secret vcenterPassword.",
        "  vcenterPasword: is not a known key. Did you mean vcenterPassword?",
      ],
    );
  });

  it("refuses a secret inside a map, which would make the whole map secret", () => {
    const rest = without(withVms, "virtualMachines");
    assert.deepEqual(said({ ...raw(rest), secretKeys: ["virtualMachines"] }), [
      "stacks/Pulumi.demo.yaml: 1 problem",
      "  virtualMachines: holds a secret, which makes the whole key secret. Write it in clear. Keys that are secret: vcenterPassword.",
    ]);
  });
});
