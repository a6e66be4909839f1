import { isSnapshot, text } from "../../../drift/resources";
import type { SitePlan } from "../../../planning/plan";
import { VM_SNAPSHOT_LOCKS } from "../../../planning/backends/vsphereCsi";
import { breaches, type Declared, type Judge, type Rule } from "./rule";

const ADVICE = "Broadcom KB 318825, best practices for VM snapshots";

function noVms({ site }: SitePlan): string | undefined {
  return site.virtualMachines === undefined ? "the stack file describes no node VMs" : undefined;
}

/** A VM snapshot says what it is: memory or a quiesced guest, not both. */
const judgeVmOptions: Judge = (resources) =>
  resources
    .filter(({ type }) => isSnapshot(type))
    .flatMap((one) => {
      const { description, memory, quiesce } = one.inputs;
      return breaches("vm-options", one, [
        [text(description) === "", "it has no description, so that nobody sees whose it is"],
        [
          typeof memory !== "boolean" || typeof quiesce !== "boolean",
          "memory or quiesce is not said",
        ],
        [
          memory === true && quiesce === true,
          "memory and quiesce are both asked for, and vSphere takes one",
        ],
      ]);
    });

/** Limit of a vCenter task that the provider has by itself, in minutes. */
const OWN_TIMEOUT = 5;

/** Nothing removes snapshots of others, or a taken one before its successor, and no task is given up too early. */
const judgeVmEnds: Judge = (resources) => {
  const snapshots = resources.filter(({ type }) => isSnapshot(type));
  const providers = snapshots.length === 0 ? [] : resources.filter(isVsphere);
  return [
    ...snapshots.flatMap((one) =>
      breaches("vm-ends", one, [
        [
          one.inputs["removeChildren"] !== false,
          "removeChildren is not false: later snapshots of others would go with it",
        ],
        [
          one.deleteBeforeReplace,
          "deleteBeforeReplace: the state before the upgrade would go before another is taken",
        ],
      ]),
    ),
    ...providers.flatMap((one) =>
      breaches("vm-ends", one, [
        [
          !(Number(one.inputs["apiTimeout"]) > OWN_TIMEOUT),
          `apiTimeout is not more than ${OWN_TIMEOUT} minutes: a large snapshot would stay outside the state`,
        ],
      ]),
    ),
  ];
};

function isVsphere({ type }: Declared): boolean {
  return type === "pulumi:providers:vsphere";
}

/** What is judged of VM snapshots. */
export const VM_RULES: readonly Rule[] = [
  {
    number: 24,
    id: "vm-options",
    title:
      "A VM snapshot says whose it is, and takes memory or quiesces, not both; no memory of control-plane and storage nodes",
    reason:
      "a node that comes back running has forgotten what the others voted since; vSphere takes one or the other",
    source: "vSphere Virtual Machine Administration, snapshots with memory and quiesced",
    fix: "memory: false or quiesce: false in the point's file; start VMware Tools",
    keys: /^(memory|quiesce)$/,
    declared: judgeVmOptions,
    checks: ["vm-tools", "vm-power", "vm-independent-disk"],
    systems: ["vCenter"],
    rests: noVms,
  },
  {
    number: 25,
    id: "vm-ready",
    title:
      "Each node is one VM that can be snapshotted: no raw, shared or passed-through device, chain short enough, room on the datastore",
    reason: "vSphere refuses some of it when half the snapshots are taken, and some of it never",
    source: `${ADVICE}; vSphere, unsupported devices`,
    fix: "as the check says; leave the node out of the point",
    checks: [
      "vm-uuid",
      "vm-depth",
      "vm-consolidation",
      "vm-hardware",
      "vm-raw-disk",
      "vm-bus-sharing",
      "vm-passthrough",
      "vm-datastore-space",
      "vm-privilege",
    ],
    systems: ["vCenter"],
    rests: noVms,
  },
  {
    number: 26,
    id: "vm-drained",
    title:
      "Node VMs have no volumes attached when they are taken, and those that vote are taken together or not at all",
    reason:
      "a snapshot holds the disks of attached volumes fast, so that no pod with one can move; a member that goes back alone breaks its cluster",
    source: "vSphere CSI driver, issue 478; etcd, issue 13509",
    fix: "drain the node, or leave VM snapshots out of the point; storage disks may be independent, but such a set cannot be rolled back with --vms",
    keys: /^virtualMachines(\[\d+\])?$/,
    checks: [VM_SNAPSHOT_LOCKS],
    systems: ["vCenter"],
    rests: noVms,
  },
  {
    number: 27,
    id: "vm-ends",
    title:
      "VM snapshots end in time, are never deleted before they are replaced, and take nothing of others with them",
    reason: "a delta only grows and fills its datastore; later snapshots may be a backup tool's",
    source: `${ADVICE} (72 hours); vSphere provider, virtual_machine_snapshot`,
    fix: "./atom restore-point expire --due; apiTimeoutMinutes above 5",
    declared: judgeVmEnds,
    checks: ["vm-age", "point-due"],
    systems: ["vCenter"],
    rests: noVms,
  },
  {
    number: 28,
    id: "vm-lost",
    title: "Every VM snapshot that was taken is still there",
    reason: "its point no longer leads back, and a refresh of the provider fails on it",
    source: "vSphere provider, virtual_machine_snapshot (read by reference)",
    fix: "./atom up marks it as lost, after asking; it is never taken anew",
    drift: ({ kind, object }) =>
      !object.startsWith("VM snapshot ")
        ? undefined
        : kind === "unknown"
          ? "unknown"
          : kind === "same" || kind === "missing"
            ? undefined
            : "error",
    mended: true,
    systems: ["vCenter"],
    rests: noVms,
  },
];
