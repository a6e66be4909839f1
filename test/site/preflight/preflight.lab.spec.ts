import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { connectCluster } from "../../../clients/kubernetes/connect";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { labPaths } from "../../../lab/paths";
import type { Access } from "../../../clients/access";
import type { Finding } from "../../../site/preflight/finding";
import { preflight } from "../../../site/preflight/preflight";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { desiredOf, registration, snapshotClass, storageClass } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";
import { assertTold } from "../../support/told";

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
    const found = await preflight({
      plan,
      desired,
      ...lab.access,
      noPassword: undefined,
      now,
      ...question,
    });
    return found.filter(({ severity }) => severity !== "notObserved");
  }

  /** The same as `severity check object: message remedy`, of which the expected parts are compared. */
  async function expectFound(
    expected: readonly string[],
    ...what: Parameters<typeof findings>
  ): Promise<void> {
    const found = await findings(...what);
    assertTold(
      found.map(
        ({ severity, check, object, message, remedy }) =>
          `${severity} ${check} ${object}: ${message} ${remedy ?? ""}`,
      ),
      expected,
    );
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
    const told = `error password vcenterPassword: ${noPassword} … PULUMI_CONFIG_PASSPHRASE`;
    await expectFound([told], undefined, { noPassword, vcenter });
  });

  it("knows nothing of systems that do not answer, both at once", async () => {
    const silent: Access<never> = { state: "unknown", why: "It is silent." };
    await expectFound(
      [
        "unknown cluster-reachable cluster: It is silent. … the API server of this stack",
        "unknown vcenter-reachable vCenter: It is silent. … vCenter of this stack",
      ],
      undefined,
      { cluster: silent, vcenter: silent },
    );
  });

  it("finds a kind that is not served, with the versions that are", async () => {
    const kind = registration("kubernetes:snapshot.storage.k8s.io/v9:VolumeSnapshotClass", "x", {
      ...snapshotClass().inputs,
      apiVersion: "snapshot.storage.k8s.io/v9",
    });
    const told =
      "error kind-served VolumeSnapshotClass of snapshot.storage.k8s.io/v9: … serves v1. … " +
      "snapshots.installController: true … snapshots.group: never";
    await expectFound([told], undefined, { desired: desiredOf([kind]) });
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
      [
        ["driver", "cluster"],
        ["capacity", "cluster"],
        ["node-ready", "cluster"],
      ],
    );
    equal(
      unknown[2]?.message,
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
    await expectFound(
      ["a", "b", "c"].flatMap((site) =>
        // No snapshot of a control-plane node is due.
        [`error -1`, `error -2`, `warning -cp`].map((one) => {
          const [severity = "", name = ""] = one.split(" ");
          return `${severity} vm-privilege virtual machine atom-${site}${name}: User administrator@vsphere.local … ${privilege}`;
        }),
      ),
    );
  });

  it("only warns where vCenter cannot be asked for privileges", async () => {
    await lab.faults([{ method: "HasPrivilegeOnEntities", fault: "NotSupported", stage: "call" }]);
    await expectFound(["warning vm-privilege vCenter: … administrator@vsphere.local"]);
  });

  it("refuses an expired waiver", async () => {
    const waiver = { rule: "single-copy", subject: "replicationFactor", who: "kim", why: "test" };
    const until = (time: string) => () => ({ waivers: [{ ...waiver, until: time }] });
    await expectFound(
      [
        "error waiver-expired waiver of single-copy for replicationFactor: … kim … 2026-11-23T11:59:59Z",
      ],
      until("2026-11-23T11:59:59Z"),
    );
    await expectFound([], until("2026-11-23T12:00:01Z"));
  });
});
