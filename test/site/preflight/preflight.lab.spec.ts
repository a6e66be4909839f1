import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { connectCluster } from "../../../clients/kubernetes/connect";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { labPaths } from "../../../lab/paths";
import type { Access } from "../../../clients/access";
import { stops, type Finding } from "../../../site/preflight/finding";
import { preflight } from "../../../site/preflight/preflight";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { desiredOf, registration, snapshotClass, storageClass } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const now = new Date("2026-11-23T12:00:00Z");
const desired = desiredOf([storageClass(), snapshotClass()]);

describe("preflight", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(async () => {
    await lab.faults([]);
    await lab.clear([]);
  });

  /** Findings for the lab's own stack, changed. */
  async function findings(
    change: (site: Site) => Partial<Site> = () => ({}),
    question: Partial<Parameters<typeof preflight>[0]> = {},
  ): Promise<Finding[]> {
    const site = parseSite(readConfiguration("lab").raw);
    const plan = planSite({ ...site, ...change(site) });
    return preflight({
      plan,
      desired,
      ...lab.access,
      noPassword: undefined,
      now,
      ...question,
    });
  }

  it("finds nothing wrong with the lab", async () => {
    deepStrictEqual(await findings(), []);
  });

  it("refuses another cluster, and says nothing else about it", async () => {
    const clusterUid = "11111111-2222-3333-4444-555555555555";
    const kubeconfig = labPaths(lab.root).kubeconfig;
    const client = await connectCluster({ kubeconfig, clusterUid });
    const found = await findings(undefined, { cluster: { state: "open", client } });
    await client.close();
    deepStrictEqual(
      found.map(({ severity, check, object }) => [severity, check, object]),
      [["unknown", "cluster-reachable", "cluster"]],
    );
    for (const uid of [clusterUid, lab.record.clusterUid ?? "none"]) {
      ok(found[0]?.message.includes(uid), found[0]?.message);
    }
  });

  it("names a password that could not be opened, and does not blame vCenter for it", async () => {
    const noPassword = "vcenterPassword cannot be opened.";
    const vcenter: Access<never> = { state: "unknown", why: "not opened" };
    deepStrictEqual(await findings(undefined, { noPassword, vcenter }), [
      {
        severity: "error",
        check: "password",
        object: "vcenterPassword",
        message: "vcenterPassword cannot be opened.",
        remedy:
          "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) so that it can be opened, or VSPHERE_PASSWORD.",
      },
    ]);
  });

  it("knows nothing of systems that do not answer, both at once", async () => {
    const silent: Access<never> = { state: "unknown", why: "It is silent." };
    const found = await findings(undefined, { cluster: silent, vcenter: silent });
    deepStrictEqual(
      found.map(({ severity, check, message, remedy }) => [severity, check, message, remedy]),
      [
        [
          "unknown",
          "cluster-reachable",
          "It is silent.",
          "Nothing was changed; see that the API server of this stack answers, then run the command again.",
        ],
        [
          "unknown",
          "vcenter-reachable",
          "It is silent.",
          "Nothing was changed; see that vCenter of this stack answers, then run the command again.",
        ],
      ],
    );
    equal(stops(found), true);
  });

  it("finds a kind that is not served, with the versions that are", async () => {
    const kind = registration("kubernetes:snapshot.storage.k8s.io/v9:VolumeSnapshotClass", "x", {
      ...snapshotClass().inputs,
      apiVersion: "snapshot.storage.k8s.io/v9",
    });
    deepStrictEqual(await findings(undefined, { desired: desiredOf([kind]) }), [
      {
        severity: "error",
        check: "kind-served",
        object: "VolumeSnapshotClass of snapshot.storage.k8s.io/v9",
        message:
          "The API server does not serve VolumeSnapshotClass of snapshot.storage.k8s.io/v9; it serves v1.",
        remedy:
          "Install the CRDs of external-snapshotter and its snapshot-controller, 8.4 or newer for groups, or set " +
          "snapshots.installController: true, or (for groups) snapshots.group: never.",
      },
    ]);
  });

  it("names each verb that is not allowed, and what it could not look at", async () => {
    const client = await connectCluster({ kubeconfig: impersonating("nobody") });
    const found = await findings(undefined, { cluster: { state: "open", client } });
    await client.close();
    const denied = found.filter(({ check }) => check === "permission");
    const all = "get, list, create, update, patch, delete";
    for (const what of [
      `${all} storageclasses.storage.k8s.io.`,
      `${all} volumesnapshotclasses.snapshot.storage.k8s.io.`,
      "get, list configmaps in namespace atom-backup.",
      "get, list nodes.",
    ]) {
      const sentence = `The user of context ${client.context} may not ${what}`;
      ok(
        denied.some(({ message, severity }) => severity === "error" && message === sentence),
        what,
      );
    }
    ok(!denied.some(({ message }) => message.includes("secrets")), "up reads no Secret");
    const unknown = found.filter(({ severity }) => severity === "unknown");
    deepStrictEqual(
      unknown.map(({ check, object }) => [check, object]),
      [["node-ready", "cluster"]],
    );
    equal(
      unknown[0]?.message,
      'Listing nodes: the API server answered 403: nodes is forbidden: User "nobody" cannot list resource "nodes" in API ' +
        'group "" at the cluster scope.',
    );
  });

  /** A copy of the lab's kubeconfig that acts as another user. */
  function impersonating(user: string): string {
    const config = parse(readFileSync(labPaths(lab.root).kubeconfig, "utf8")) as {
      users: { user: Record<string, unknown> }[];
    };
    config.users.forEach((entry) => (entry.user["as"] = user));
    const file = join(lab.root, "impersonating.kubeconfig");
    writeFileSync(file, stringify(config));
    return file;
  }

  it("finds a machine that vCenter does not have: an error where a snapshot is due, else a warning", async () => {
    const uuid = "42100000-0000-4000-8000-000000000fff";
    const broken =
      (name: string) =>
      (site: Site): Partial<Site> => ({
        virtualMachines:
          site.virtualMachines === undefined
            ? undefined
            : {
                ...site.virtualMachines,
                nodes: site.virtualMachines.nodes.map((node) =>
                  node.name === name ? { ...node, uuid } : node,
                ),
              },
      });
    const seen = (found: readonly Finding[]): unknown[] =>
      found.map(({ severity, check, object, message }) => [severity, check, object, message]);
    const message = `No virtual machine in vCenter has the UUID ${uuid}.`;
    deepStrictEqual(seen(await findings(broken("atom-a-1"))), [
      ["error", "vm-uuid", "virtual machine of node atom-a-1", message],
    ]);
    deepStrictEqual(seen(await findings(broken("atom-a-cp"))), [
      ["warning", "vm-uuid", "virtual machine of node atom-a-cp", message],
    ]);
  });

  it("names a vCenter privilege that is missing", async () => {
    const privilege = "VirtualMachine.State.RemoveSnapshot";
    await lab.faults([{ method: "HasPrivilegeOnEntities", deny: [privilege] }]);
    const found = await findings();
    equal(found.length, 6);
    deepStrictEqual(found[0], {
      severity: "error",
      check: "vm-privilege",
      object: "virtual machine atom-a-1",
      message: `User administrator@vsphere.local lacks the privilege ${privilege} on atom-a-1.`,
      remedy: `Give administrator@vsphere.local a role with ${privilege} on the node machines in vCenter.`,
    });
  });

  it("only warns where vCenter cannot be asked for privileges", async () => {
    await lab.faults([{ method: "HasPrivilegeOnEntities", fault: "NotSupported", stage: "call" }]);
    deepStrictEqual(await findings(), [
      {
        severity: "warning",
        check: "vm-privilege",
        object: "vCenter",
        message:
          "This vCenter does not tell whether administrator@vsphere.local may take snapshots.",
      },
    ]);
  });

  it("refuses an expired waiver", async () => {
    const waiver = { rule: "single-copy", subject: "replicationFactor", who: "kim", why: "test" };
    const found = await findings(() => ({
      waivers: [{ ...waiver, until: "2026-11-23T11:59:59Z" }],
    }));
    deepStrictEqual(found, [
      {
        severity: "error",
        check: "waiver-expired",
        object: "waiver of single-copy for replicationFactor",
        message: "The waiver that kim gave ended at 2026-11-23T11:59:59Z.",
        remedy: "Mend what it waived, or renew it in the stack file with a new until.",
      },
    ]);
    deepStrictEqual(
      await findings(() => ({ waivers: [{ ...waiver, until: "2026-11-23T12:00:01Z" }] })),
      [],
    );
  });
});
