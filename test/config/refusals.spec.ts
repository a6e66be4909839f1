import assert from "node:assert/strict";

import type { JsonMap } from "../../config/rawConfiguration";
import { assertTold } from "../support/told";
import { raw, said, smallest, withVms, without } from "./fixture";

// Key, value and what is allowed, of each problem. What planning says is its own tests' subject; here stands what comes
// through.

const dnsName =
  'small letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 253 characters';
const knownKeys =
  "Known keys: replicationFactor, survive, failover, backend, backendVersion, backendOptions, product, topology, classes, snapshots, virtualMachines, vcenterPassword, restorePointsDir, catalogDir, retention, targets, windows, schedules, nodeBackups, alerts, cluster, waivers.";
const backends =
  "Allowed: lab, linstor, longhorn, generic, rook-ceph, vsphere-csi, mayastor, portworx.";
const vms = withVms["virtualMachines"] as JsonMap;
const nodes = vms["nodes"] as readonly JsonMap[];
const [first, second] = nodes;
const waiver = { rule: "single-copy", subject: "replicationFactor", who: "me", why: "test" };
const until = "2031-01-01T00:00:00Z";

const table: readonly (readonly [string, JsonMap, readonly string[]])[] = [
  ...(
    [
      ["text", "two", '"two"'],
      ["broken", 2.5, "2.5"],
      ["broken, as the engine hands it over", "2.5", "2.5"],
      ["0, which is never taken for absent", 0, "0"],
      ["negative", "-1", "-1"],
      ["without a value", null, "null"],
    ] as const
  ).map(
    ([what, replicationFactor, shown]) =>
      [
        `a factor that is ${what}`,
        { ...smallest, replicationFactor },
        [`replicationFactor = ${shown}: … Allowed: a whole number from 1 to 99`],
      ] as const,
  ),
  [
    "a misspelt backend",
    { ...smallest, backend: "linstro" },
    [`backend = "linstro": … Did you mean linstor? ${backends}`],
  ],
  [
    "no backend",
    { product: { namespaces: ["atom"] }, topology: smallest["topology"] ?? null },
    [`backend: … ${backends}`],
  ],
  ["an unknown key", { ...smallest, colour: "red" }, [`colour: … ${knownKeys}`]],
  [
    "names that every object has, as keys at every depth",
    JSON.parse(
      JSON.stringify({ ...smallest, constructor: 1, cluster: { toString: 1, x: 2 } }).replaceAll(
        '"x"',
        '"__proto__"',
      ),
    ) as JsonMap,
    [
      `constructor: … ${knownKeys}`,
      "cluster.__proto__: … Known keys: context, clusterUid, namespace",
      "cluster.toString: … Known keys: context, clusterUid, namespace",
    ],
  ],
  [
    "a misspelt key",
    { ...smallest, replicatonFactor: 3 },
    ["replicatonFactor: … Did you mean replicationFactor?"],
  ],
  [
    "a literal key with a path in it",
    { ...smallest, "topology.sites[0].name": "x" },
    [
      '"topology.sites[0].name": … Write it nested, under topology: ./atom does so with -c, pulumi config set with --path',
    ],
  ],
  [
    "a misspelt required key, once",
    { ...smallest, topology: { sites: [{ name: "a", storageNods: ["a-1", "a-2"] }] } },
    ["topology.sites[0].storageNods: … Did you mean storageNodes?"],
  ],
  [
    "an unknown key in the depth",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, cpu: 4 }] } },
    ["virtualMachines.nodes[0].cpu: … Known keys: name, uuid, role, site, host, datastores"],
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
      "virtualMachines.nodes[0].host: … Write the ESXi host that it runs on for every node, or host for none",
      "virtualMachines.nodes[0].datastores: … Write the datastores that hold its disks for every node, or datastores for none",
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
      'virtualMachines.nodes[0].host = " esx-1": … Allowed: the name that vCenter shows, one line without blanks around it, at most 255 characters',
      "virtualMachines.nodes[2].datastores = []: … Allowed: a list with one entry or more",
      'virtualMachines.nodes[1].datastores[2] = "d":',
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
      'backendOptions.dataLocalty = "disabled": … Did you mean dataLocality? Known keys: namespace, zoneSpread, dataLocality, diskSelector, nodeSelector, encryptionSecretName, encryptionSecretNamespace, parameters',
    ],
  ],
  [
    "a misspelt choice",
    { ...smallest, classes: [{ name: "x", reclaimPolicy: "retain" }] },
    ['classes[0].reclaimPolicy = "retain": … Did you mean Retain? Allowed: Retain, Delete'],
  ],
  [
    "a switch in quotes",
    { ...smallest, classes: [{ name: "x", expansion: "true" }] },
    ['classes[0].expansion = "true": … Write it without quotes'],
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
    ["classes[1].default = true: … Set default: true on one class only"],
  ],
  [
    "windows that nobody could keep",
    {
      ...smallest,
      windows: [
        { name: "a", cron: "0 3 30 2 *", timeZone: "Europe/Oslo", owner: "Ada" },
        { name: "b", cron: "@daily", timeZone: "CEST+2", owner: "Ada", blackout: ["2031-02-30"] },
      ],
    },
    [
      'windows[0].cron = "0 3 30 2 *": … Allowed: five fields that some day has, such as 30 2 * * 6',
      'windows[1].cron = "@daily": … Allowed: five fields that some day has, such as 30 2 * * 6',
      'windows[1].timeZone = "CEST+2": … Allowed: an IANA time zone such as Europe/Oslo',
      'windows[1].blackout[0] = "2031-02-30": … Allowed: a day such as 2031-12-24, or the first and the last such as 2031-12-20/2032-01-02',
    ],
  ],
  [
    "a cycle in a window that is misspelt, and named like another",
    {
      ...smallest,
      windows: [{ name: "night", cron: "0 3 * * *", timeZone: "UTC", owner: "Ada" }],
      schedules: [
        { name: "nightly", window: "nigth" },
        { name: "nightly", window: "night" },
      ],
    },
    [
      'schedules[1].name = "nightly": … Allowed: each once',
      'schedules[0].window = "nigth": … Did you mean night? Allowed: night',
    ],
  ],
  [
    "two classes of one name",
    { ...smallest, classes: [{ name: "x" }, { name: "x" }] },
    ['classes[1].name = "x":'],
  ],
  [
    "no class at all",
    { ...smallest, classes: [] },
    ["classes = []: … Allowed: a list with one entry or more"],
  ],
  [
    "a class name that Kubernetes refuses",
    { ...smallest, classes: [{ name: "Atom_Replicated" }] },
    [`classes[0].name = "Atom_Replicated": … Allowed: ${dnsName}`],
  ],
  [
    "a class name that is too long",
    { ...smallest, classes: [{ name: "x".repeat(254) }] },
    [`classes[0].name = "${"x".repeat(79)}…: … Allowed: ${dnsName}`],
  ],
  [
    "a site name that no label carries",
    { ...smallest, topology: { sites: [{ name: "hall 1", storageNodes: ["a-1", "a-2"] }] } },
    [
      'topology.sites[0].name = "hall 1": … Allowed: letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters',
    ],
  ],
  [
    "an address with https://",
    { ...withVms, virtualMachines: { ...vms, server: "https://vc.example/sdk" } },
    [
      'virtualMachines.server = "https://vc.example/sdk": … Allowed: a host name or host:port, without https:// and without a path',
    ],
  ],
  [
    "a port that does not exist",
    { ...withVms, virtualMachines: { ...vms, server: "vc.example:70000" } },
    ['virtualMachines.server = "vc.example:70000": … Allowed: ports from 1 to 65535'],
  ],
  [
    "a chain deeper than vSphere allows",
    { ...withVms, virtualMachines: { ...vms, maxDepth: 32 } },
    ["virtualMachines.maxDepth = 32: … Allowed: a whole number from 1 to 31"],
  ],
  [
    "a malformed UUID",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, uuid: "4210-1" }] } },
    [
      'virtualMachines.nodes[0].uuid = "4210-1": … Allowed: a UUID such as 42100000-0000-4000-8000-0000000000a1',
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
    ['virtualMachines.nodes[1].uuid = "42100000-0000-4000-8000-0000000000ab":'],
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
    ['virtualMachines.nodes[1].name = "a-1":'],
  ],
  [
    "a VM in an unknown site",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, site: "z" }] } },
    ['virtualMachines.nodes[0].site = "z": … Sites: a, b, c'],
  ],
  [
    "a VM in another site than its node",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, site: "b" }] } },
    [
      'virtualMachines.nodes[0].site = "b": … Write site: a, or list the node in b',
      'virtualMachines.nodes[0].role = "storage": … Write another role, or add a-1 to the storage nodes of b',
    ],
  ],
  [
    "a storage node that passes for a worker",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, role: "worker" }] } },
    ['virtualMachines.nodes[0].role = "worker": … Write role: storage'],
  ],
  [
    "a VM that is control plane and storage in a site that does not say so",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, role: "converged" }] } },
    ["topology.sites[0].converged = false: … a-1 … Write converged: true"],
  ],
  [
    "a control-plane VM that is listed as storage node",
    { ...withVms, virtualMachines: { ...vms, nodes: [{ ...first, role: "controlPlane" }] } },
    ['virtualMachines.nodes[0].role = "controlPlane": … Write role: converged'],
  ],
  [
    "a namespace twice",
    { ...smallest, product: { namespaces: ["atom", "atom"] } },
    ['product.namespaces[1] = "atom":'],
  ],
  [
    "a day that does not exist",
    { ...smallest, waivers: [{ ...waiver, until: "2031-02-30T00:00:00Z" }] },
    ['waivers[0].until = "2031-02-30T00:00:00Z":'],
  ],
  [
    "a waiver that nobody answers for",
    { ...smallest, waivers: [{ ...waiver, who: "", until }] },
    ['waivers[0].who = "": … Allowed: one line of text, at most 500 characters'],
  ],
  [
    "a version that is none",
    { ...smallest, backendVersion: "newest" },
    ['backendVersion = "newest": … Allowed: a version such as 1.12.1'],
  ],
  [
    "an empty folder, which is never taken for absent",
    { ...smallest, restorePointsDir: "" },
    ['restorePointsDir = "": … Allowed: the path of a folder, relative to the project or absolute'],
  ],
  [
    "a map where a list belongs",
    { ...smallest, waivers: { one: 1 } },
    ["waivers = {…}: … Allowed: a list"],
  ],
  [
    "an option that is a map",
    { ...smallest, backendOptions: { storagePool: { name: "x" } } },
    ["backendOptions.storagePool = {…}:"],
  ],
];

describe("configuration that is refused", () => {
  for (const [name, values, expected] of table) {
    it(name, () => {
      const count = expected.length === 1 ? "1 problem" : `${expected.length} problems`;
      assertTold(said(raw(values)), [
        `stacks/Pulumi.demo.yaml: ${count}`,
        ...expected.map((line) => `  ${line}`),
      ]);
    });
  }

  it("never prints a password that stands in clear", () => {
    const told = said(raw({ ...smallest, vcenterPassword: "hunter2", vcenterPasword: "hunter3" }));
    assertTold(told, [
      "stacks/Pulumi.demo.yaml: 2 problems",
      "  vcenterPassword: … pulumi config set --secret vcenterPassword",
      "  vcenterPasword: … Did you mean vcenterPassword?",
    ]);
    assert.ok(!told.join().includes("hunter"));
  });

  it("refuses a secret inside a map, which would make the whole map secret", () => {
    const rest = without(withVms, "virtualMachines");
    assertTold(said({ ...raw(rest), secretKeys: ["virtualMachines"] }), [
      "stacks/Pulumi.demo.yaml: 1 problem",
      "  virtualMachines: … Keys that are secret: vcenterPassword",
    ]);
  });
});
