import { Document, isMap, isNode, isScalar, isSeq, visit } from "yaml";

import { projectName } from "../../config/projectRoot";
import type { JsonMap, JsonValue, KeyPath } from "../../config/rawConfiguration";
import { childNode, type SchemaNode } from "../../config/schemaNode";
import { completed } from "../../config/shape";
import { backendOf } from "../../planning/index";
import { versionWords } from "../../planning/backends/version";
import { siteSchema } from "../../planning/schema/site";
import { listed } from "../../planning/words";
import type { Proposal } from "./proposeSite";
import { className } from "./proposeSite";

/** What could not be known: the key that a person fills in, and what to put there. */
interface Gap {
  readonly path: KeyPath;
  readonly what: string;
}

/** How a gap is marked, and found again in a long file. */
const FILL_IN = "FILL IN";

/**
 * The stack file that a proposal makes: what differs from the defaults and no more; what is not known is marked. Whatever
 * live objects say is text to the YAML library, and never becomes a key.
 *
 * @param full writes every key, with what it means
 */
export function stackText(stack: string, proposal: Proposal, full = false): string {
  const own = siteValues(proposal);
  const values = full ? ({ ...(completed(siteSchema, own) as JsonMap), ...own } as JsonMap) : own;
  const document = new Document(
    {
      config: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [`${projectName}:${key}`, value]),
      ),
    },
    // The engine reads YAML 1.1, where `no` is false.
    { version: "1.1" },
  );
  inLine(document, full);
  if (full) {
    explain(document.getIn(["config"]), siteSchema);
  }
  const open = gaps(proposal).filter(({ path, what }) => !mark(document, path, what));
  document.commentBefore = [
    `Site ${stack}, written by ./atom init from the live cluster${proposal.vcenter === undefined ? "" : " and its vCenter"}. ` +
      (full
        ? "Every key is here."
        : "Keys that are left out have the defaults of docs/reference/configuration.md."),
    `Then: ./atom preview --offline --stack ${stack}`,
    ...hints(proposal),
    ...open.map(({ path, what }) => `${FILL_IN} ${path.join(".")}: ${what}`),
  ]
    .map((line) => ` ${oneLine(line)}`)
    .join("\n");
  return document.toString({ lineWidth: 0, nullStr: "", flowCollectionPadding: false });
}

function siteValues(proposal: Proposal): JsonMap {
  const { backend, options, failover, topology, namespaces, vms, vcenter } = proposal;
  const open = openOptions(proposal).map(({ key }) => [key, null] as const);
  const backendOptions = { ...options, ...Object.fromEntries(open) };
  return {
    ...(failover === "manual" ? { failover } : {}),
    backend,
    ...(Object.keys(backendOptions).length === 0 ? {} : { backendOptions }),
    product: { namespaces },
    topology: {
      ...(topology.siteLabel === topologyDefault ? {} : { siteLabel: topology.siteLabel }),
      sites: topology.sites.map(({ name, role, storageNodes, controlPlaneNodes, converged }) => ({
        name,
        ...(role === "data" ? {} : { role }),
        storageNodes,
        ...(controlPlaneNodes === 0 ? {} : { controlPlaneNodes }),
        ...(converged ? { converged } : {}),
      })),
    },
    ...(proposal.isDefault ? {} : { classes: [{ name: className }] }),
    ...(proposal.groupSnapshotKinds ? {} : { snapshots: { group: "never" } }),
    ...(vms === undefined || vcenter === undefined
      ? {}
      : {
          virtualMachines: {
            server: vcenter.server,
            user: vcenter.user,
            ...(vcenter.allowUnverifiedSsl ? { allowUnverifiedSsl: true } : {}),
            nodes: vms.nodes as unknown as JsonValue,
          },
        }),
    cluster: {
      ...(proposal.context === undefined ? {} : { context: proposal.context }),
      clusterUid: proposal.clusterUid,
    },
  };
}

const topologyDefault = siteSchema.properties.topology.properties.siteLabel["default"] as unknown;

/** Options that the backend needs and nothing tells. */
function openOptions({ backend, options }: Proposal) {
  return Object.entries(backendOf(backend).options)
    .filter(([key, spec]) => spec.required === true && !Object.hasOwn(options, key))
    .map(([key, { description, allowed }]) => ({
      key,
      what: `${description}${allowed === undefined ? "" : ` (${allowed.join(", ")})`}`,
    }));
}

function gaps(proposal: Proposal): readonly Gap[] {
  const { backend, topology, absentNamespaces, snapshotKinds, vms } = proposal;
  const version = versionWords(backend);
  const gap = (isOpen: boolean, path: KeyPath, what: string): readonly Gap[] =>
    isOpen ? [{ path, what }] : [];
  return [
    ...openOptions(proposal).map(({ key, what }) => ({ path: ["backendOptions", key], what })),
    ...topology.sites.flatMap(({ role }, index) =>
      gap(
        role !== "data",
        ["topology", "sites", index, "storageNodes"],
        "the nodes that run the backend's tie-breaker, where it needs one",
      ),
    ),
    ...gap(
      absentNamespaces.length > 0,
      ["product", "namespaces"],
      `the cluster does not have ${absentNamespaces.join(", ")} (yet)`,
    ),
    ...gap(
      version !== undefined,
      ["backendVersion"],
      `the installed version in quotes, ${version ?? ""}, unless it is the newest known`,
    ),
    ...gap(
      !snapshotKinds,
      ["snapshots", "installController"],
      "the cluster serves no VolumeSnapshotClass of snapshot.storage.k8s.io/v1; install CRDs and controller first, or set it to true with controllerImage",
    ),
    ...gap(
      vms === undefined,
      ["virtualMachines"],
      "where the nodes are VMware VMs: ./atom init --vcenter HOST finds them",
    ),
    ...(vms?.leftOut ?? []).map((name) => ({
      path: ["virtualMachines", "nodes"],
      what: `no VM has the system UUID of ${name}: right where it is no VM`,
    })),
  ];
}

/** What was found and does not become a value. */
function hints({ driver, sameDriver, defaults, failoverWhy }: Proposal): readonly string[] {
  return [
    `The CSI driver ${driver} is registered on the storage nodes.`,
    ...sameDriver.map(({ name, parameters }) => {
      const all = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      return `StorageClass ${name} of this driver says: ${all.length === 0 ? "nothing" : all.join(", ")}`;
    }),
    ...(defaults.length === 0 ? [] : [`Default class of the cluster: ${listed(defaults)}.`]),
    ...(defaults.length > 1
      ? [`${FILL_IN} one default class: the cluster uses the one made last`]
      : []),
    ...(failoverWhy === undefined
      ? []
      : [`Automatic fail-over is not possible here: ${failoverWhy}.`]),
  ];
}

/** @returns false where the file has no such key */
function mark(document: Document, [key = "", ...rest]: KeyPath, what: string): boolean {
  const node = document.getIn(["config", `${projectName}:${key}`, ...rest], true);
  if (!isNode(node)) {
    return false;
  }
  node.comment = ` ${FILL_IN} ${oneLine(what)}`;
  return true;
}

/** Puts lists of names, and where nothing is explained the VMs, on a line each. */
function inLine(document: Document, full: boolean): void {
  visit(document, {
    Seq: (_, node) => {
      node.flow = node.items.every(isScalar);
    },
    Map: (_, node) => {
      node.flow = node.items.length === 0 || (!full && node.has("uuid"));
    },
  });
}

/** Puts above each key what it means, once for a list, and below them what else there is. */
function explain(node: unknown, schema: SchemaNode | undefined): void {
  if (isSeq(node)) {
    explain(node.items[0], schema?.items);
  }
  if (!isMap(node) || schema?.properties === undefined) {
    return;
  }
  const prefix = schema.properties === siteSchema.properties ? `${projectName}:` : "";
  for (const { key, value } of node.items) {
    const child = childNode(schema, String(key).slice(prefix.length));
    if (isScalar(key) && child?.description !== undefined) {
      key.commentBefore = ` ${child.description}`;
    }
    explain(value, child);
  }
  node.comment = Object.entries(schema.properties)
    .filter(([key]) => !node.has(prefix + key))
    .map(([key, { description = "" }]) => ` ${prefix}${key}: ${description}`)
    .join("\n");
}

/** A comment of one line stays one, whatever stands in it. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
