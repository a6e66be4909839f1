import { stringify } from "yaml";

import { backendOf, defaultSurvive } from "../../planning/index";
import type { OptionSpec } from "../../planning/backends/backend";
import type { FailureDomainSite, NodeVirtualMachine } from "../../planning/site";
import type { ObservedClass } from "./observe";
import type { Proposal } from "./proposeSite";
import { className } from "./proposeSite";

/** The stack file that a proposal makes: complete and commented; what is not known is a line to fill in. */
export function stackText(stack: string, proposal: Proposal): string {
  const lines = [
    `# Site ${stack}, written by ./atom init from the live cluster${proposal.vcenter === undefined ? "" : " and its vCenter"}.`,
    "# Read it through: it says what was found, and a line that begins with `# FILL IN` is what could not be known.",
    `# Then: ./atom preview --offline --stack ${stack}`,
    "config:",
    ...indent([
      "# Copies of each data volume.",
      "atom-backup:replicationFactor: 2",
      "# The loss to survive: `site` needs three sites that fall independently.",
      `atom-backup:survive: ${defaultSurvive(proposal.topology)}`,
      ...failoverLines(proposal),
      ...backendLines(proposal),
      ...productLines(proposal),
      ...topologyLines(proposal),
      ...classLines(proposal),
      ...snapshotLines(proposal),
      ...vmLines(stack, proposal),
      "# Where the files of the restore points lie, and the catalog's copy off the cluster.",
      "atom-backup:restorePointsDir: stacks/restore-points",
      "atom-backup:catalogDir: .pulumi-state/catalog",
      ...clusterLines(proposal),
      "# Rules that may fail for a while.",
      "atom-backup:waivers: []",
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function failoverLines({ failover, failoverWhy }: Proposal): string[] {
  return [
    failoverWhy === undefined
      ? "# Whether workloads come back without a person; `manual` where the backend has no mechanism."
      : `# ${failoverWhy}`,
    `atom-backup:failover: ${failover}`,
  ];
}

function backendLines({ backend, driver, sameDriver }: Proposal): string[] {
  const specs = Object.entries(backendOf(backend)?.options ?? {});
  const known: Readonly<Record<string, string>> =
    backend === "generic" ? { provisioner: driver } : {};
  const open = specs.filter(([key, spec]) => spec.required === true && !Object.hasOwn(known, key));
  return [
    `# The CSI driver ${driver} is registered on the storage nodes.`,
    `atom-backup:backend: ${backend}`,
    "# FILL IN the version as installed, in quotes, unless it is the newest known:",
    '# atom-backup:backendVersion: "1.2.3"',
    ...(open.length === 0
      ? mapLines("atom-backup:backendOptions", known)
      : [
          "atom-backup:backendOptions:",
          ...indent([...Object.entries(known).map(([key, value]) => `${key}: ${scalar(value)}`)]),
          ...indent(open.flatMap(([key, spec]) => openOption(key, spec))),
          ...indent(sameDriver.map(hint)),
        ]),
  ];
}

function openOption(key: string, spec: OptionSpec): string[] {
  const allowed = spec.allowed === undefined ? "" : ` (${spec.allowed.join(", ")})`;
  return [`# FILL IN ${spec.description}${allowed}:`, `# ${key}:`];
}

/** What the driver is used with today is the best hint of what to fill in. */
function hint({ name, parameters }: ObservedClass): string {
  const all = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  return `# StorageClass ${name} of this driver says: ${all.length === 0 ? "nothing" : all.join(", ")}`;
}

function productLines({ namespaces, absentNamespaces }: Proposal): string[] {
  return [
    "# Which volumes are the product's.",
    ...(absentNamespaces.length === 0
      ? []
      : [
          `# FILL IN the namespaces: the cluster does not have ${absentNamespaces.join(", ")} (yet).`,
        ]),
    "atom-backup:product:",
    ...indent(["namespaces:", ...indent(namespaces.map((name) => `- ${scalar(name)}`))]),
  ];
}

function topologyLines({ topology, vms }: Proposal): string[] {
  return [
    "# The sites by the nodes' label, and in each the nodes that the driver runs on.",
    "atom-backup:topology:",
    ...indent([
      `siteLabel: ${topology.siteLabel}`,
      "# A site that only votes is `role: witness`; one in another's building has `locatedIn: THAT-SITE`.",
      "sites:",
      ...indent(topology.sites.flatMap((site) => siteLines(site, vms.nodes))),
    ]),
  ];
}

function siteLines(
  { name, role, storageNodes, controlPlaneNodes }: FailureDomainSite,
  nodes: readonly NodeVirtualMachine[],
): string[] {
  const here = nodes.filter(({ site }) => site === name).map((node) => node.name);
  return [
    `- name: ${scalar(name)}`,
    `  role: ${role}`,
    ...(storageNodes.length > 0
      ? []
      : [
          `  # FILL IN the nodes that run the backend's tie-breaker, where it needs one: ${here.join(", ")}`,
        ]),
    `  storageNodes: [${storageNodes.map(scalar).join(", ")}]`,
    `  controlPlaneNodes: ${controlPlaneNodes}`,
  ];
}

function classLines({ otherDefault }: Proposal): string[] {
  return [
    "# The StorageClasses.",
    "atom-backup:classes:",
    ...indent([
      `- name: ${className}`,
      ...(otherDefault === undefined
        ? ["  # Claims that name no class get this one."]
        : [
            `  # ${otherDefault} is the cluster's default class; two defaults would be one too many.`,
          ]),
      `  default: ${otherDefault === undefined}`,
      "  # Retain: removing a claim by mistake does not remove the data.",
      "  reclaimPolicy: Retain",
      "  # FILL IN ext4 or xfs, unless it is to be the driver's own:",
      "  # fsType: ext4",
      "  encryption: false",
      "  expansion: true",
      "  mountOptions: []",
      "  options: {}",
    ]),
  ];
}

function snapshotLines({ snapshotKinds, groupSnapshotKinds }: Proposal): string[] {
  return [
    ...(snapshotKinds
      ? ["# The snapshot classes; their kinds are installed."]
      : [
          "# FILL IN: the cluster serves no VolumeSnapshotClass of snapshot.storage.k8s.io/v1. Install the snapshot",
          "# CRDs and controller first.",
        ]),
    "atom-backup:snapshots:",
    ...indent([
      "className: atom-snapshots",
      "deletionPolicy: Retain",
      ...(groupSnapshotKinds
        ? ["# Snapshots of several volumes at one moment, where the driver has them."]
        : [
            "# The cluster serves no VolumeGroupSnapshotClass of groupsnapshot.storage.k8s.io/v1beta2.",
          ]),
      `group: ${groupSnapshotKinds ? "auto" : "never"}`,
      "installController: false",
      "# Largest spread of the creation times of one restore point, in seconds.",
      "maxSpreadSeconds: 5",
    ]),
  ];
}

function vmLines(stack: string, { vcenter, vms }: Proposal): string[] {
  const lines = [
    "atom-backup:virtualMachines:",
    ...indent([
      `server: ${vcenter === undefined ? "VCENTER-HOST" : scalar(vcenter.server)}`,
      `# Its password is a key of its own: pulumi config set --secret --stack ${stack} vcenterPassword`,
      `user: ${vcenter === undefined ? "USER" : scalar(vcenter.user)}`,
      `allowUnverifiedSsl: ${vcenter?.allowUnverifiedSsl ?? false}`,
      "# Deepest snapshot chain of a VM, age at which a snapshot ends, limit of one vCenter task.",
      "maxDepth: 3",
      "maxAgeHours: 72",
      "apiTimeoutMinutes: 60",
      "nodes:",
      ...indent(vms.nodes.map(vmLine)),
    ]),
  ];
  return vcenter === undefined
    ? [
        "# FILL IN server and user where the nodes are VMware VMs, and compare the UUIDs with vCenter's (config.uuid):",
        ...lines.map((line) => `# ${line}`),
      ]
    : ["# The node VMs, found in vCenter by the UUID that each node reports.", ...lines];
}

function vmLine(node: NodeVirtualMachine): string {
  const { name, uuid, role, site, host, datastores } = node;
  const fields = [
    `name: ${scalar(name)}`,
    `uuid: ${scalar(uuid)}`,
    `role: ${role}`,
    `site: ${scalar(site)}`,
    ...(host === undefined ? [] : [`host: ${flow(host)}`]),
    ...(datastores === undefined ? [] : [`datastores: [${datastores.map(flow).join(", ")}]`]),
  ];
  return `- { ${fields.join(", ")} }`;
}

/** A name inside braces: quoted where it has a letter that ends an entry there. */
function flow(value: string): string {
  return /[,[\]{}#:]/.test(value) ? JSON.stringify(value) : scalar(value);
}

function clusterLines({ context, clusterUid }: Proposal): string[] {
  return [
    "atom-backup:cluster:",
    ...indent([
      ...(context === undefined
        ? [
            "# FILL IN the context, unless it is to be the kubeconfig's current one:",
            "# context: NAME",
          ]
        : [`context: ${scalar(context)}`]),
      "# UID of the namespace kube-system: another cluster is refused.",
      `clusterUid: ${scalar(clusterUid)}`,
      "namespace: atom-backup",
    ]),
  ];
}

function mapLines(key: string, values: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(values);
  return entries.length === 0
    ? [`${key}: {}`]
    : [`${key}:`, ...indent(entries.map(([name, value]) => `${name}: ${scalar(value)}`))];
}

/** Quoted where YAML would read something else than a text: the engine reads YAML 1.1, where `no` is false. */
function scalar(value: string): string {
  return stringify(value, { version: "1.1", defaultStringType: "PLAIN", lineWidth: 0 }).trimEnd();
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
