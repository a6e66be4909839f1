import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import { labEnv, labPaths } from "../../lab/index";
import { planSite } from "../../planning";
import type { Site } from "../../planning/site";
import type { LabSystems } from "../support/labSystems";
import type { AtomRun, Checkout } from "./support/checkout";
import { sharedDeployedLab } from "./support/deployedLab";
import { MESSY_STATES } from "./support/messyStates";

/** It reads a live cluster and vCenter, and leaves both as they are. */
describe("./atom init on the lab", () => {
  let checkout: Checkout;
  let systems: LabSystems;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    ({ checkout, systems } = await sharedDeployedLab());
    env = labEnv(checkout.root, systems.record);
  });

  const atom = (...args: string[]): Promise<AtomRun> => checkout.atom(args, env);

  /** The site that a file describes, without what no live system knows. */
  function siteOf(stack: string, file: string): Site {
    const { raw } = readConfiguration(stack, { root: checkout.root, file });
    return { ...parseSite(raw), stack: "", restorePoints: [], restorePointsDir: "" };
  }

  /** What is declared, down to the versions of the objects and the references of the VM snapshots. */
  async function live(): Promise<unknown> {
    const group = "storage.k8s.io";
    const { cluster } = systems;
    const classes = [
      ...(await cluster.list(`${group}/v1`, "StorageClass")),
      ...(await cluster.list(`snapshot.${group}/v1`, "VolumeSnapshotClass")),
      ...(await cluster.list(`groupsnapshot.${group}/v1beta2`, "VolumeGroupSnapshotClass")),
    ];
    const snapshots = (await systems.snapshots()).map(({ reference }) => reference);
    assert.deepEqual([classes.length, snapshots.length], [3, 6]);
    return { classes, snapshots };
  }

  it("writes from cluster and vCenter the very site that the lab is", async () => {
    const run = await atom("init", "copy", "--json");
    assert.equal(run.status, 0, run.stderr);
    const { problems, file } = JSON.parse(run.stdout) as { problems: unknown[]; file: string };
    assert.deepEqual(problems, []);
    assert.equal(file, "stacks/Pulumi.copy.yaml");
    const { stackFile } = labPaths(checkout.root);
    const lab = siteOf("lab", stackFile);
    const { clusterUid } = systems.record;
    // No live system says how the product is frozen and looked at, or where backups of etcd go.
    const { probe: _, ...product } = lab.product;
    assert.deepEqual(siteOf("copy", join(checkout.root, file)), {
      ...lab,
      product: { ...product, hooks: [] },
      nodeBackups: {},
      cluster: { ...lab.cluster, clusterUid },
    });
    const text = readFileSync(join(checkout.root, file), "utf8");
    assert.doesNotMatch(text + run.stdout + run.stderr, new RegExp(env["VSPHERE_PASSWORD"] ?? "^"));
  });

  it("writes a file that, in the place of the lab's own, changes nothing", async () => {
    const { stackFile } = labPaths(checkout.root);
    const own = readFileSync(stackFile, "utf8");
    const written = readFileSync(join(checkout.root, "stacks", "Pulumi.copy.yaml"), "utf8");
    // What was taken is known to the files of the points alone; the lab keeps its own in another folder.
    const points = `${written}  atom-backup:restorePointsDir: .lab/stacks/restore-points\n`;
    const before = await live();
    try {
      writeFileSync(stackFile, points);
      const preview = await atom("preview", "--expect-no-changes");
      assert.equal(preview.status, 0, preview.stderr);
      const up = await atom("up");
      assert.equal(up.status, 0, up.stderr);
      assert.match(up.stderr, /^9 as declared$/m);
      assert.deepEqual(await live(), before);
      assert.equal(readFileSync(stackFile, "utf8"), points);
    } finally {
      writeFileSync(stackFile, own);
    }
  });

  it("never overwrites a stack file, its own included, with exit code 2", async () => {
    const path = join(checkout.root, "stacks", "Pulumi.copy.yaml");
    const before = readFileSync(path, "utf8");
    for (const site of ["copy", "lab"]) {
      const run = await atom("init", site);
      assert.equal(run.status, 2, run.stderr);
      assert.match(
        run.stderr,
        new RegExp(
          `^stacks/Pulumi\\.${site}\\.yaml is there already and is not overwritten\\.`,
          "m",
        ),
      );
    }
    assert.equal(readFileSync(path, "utf8"), before);
  });

  it("refuses what it cannot tell, naming the candidates, and writes nothing", async () => {
    const run = await atom(
      "init",
      "other",
      "--driver",
      "driver.longhorn.io",
      "--site-label",
      "rack",
    );
    assert.equal(run.status, 2, run.stderr);
    assert.match(
      run.stderr,
      /  backend: no node has the CSI driver driver\.longhorn\.io; there are lab\.csi\.atom\.example\. Name one/,
    );
    assert.match(
      run.stderr,
      /  topology\.siteLabel: no node carries the label rack\. Labels that every node carries: topology\.kubernetes\.io\/zone\./,
    );
    assert.ok(!existsSync(join(checkout.root, "stacks", "Pulumi.other.yaml")));
  });

  it("cannot tell, with exit code 1, when cluster or vCenter do not answer", async () => {
    const silent = { ...env, VSPHERE_SERVER: "127.0.0.1:1" };
    const run = await checkout.atom(["init", "other"], silent);
    assert.equal(run.status, 1, run.stderr);
    const noPassword = { ...env, VSPHERE_PASSWORD: "" };
    const refused = await checkout.atom(["init", "other"], noPassword);
    assert.equal(refused.status, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /is named, but not how to log in\. Set --vcenter-user or VSPHERE_USER/,
    );
    assert.ok(!existsSync(join(checkout.root, "stacks", "Pulumi.other.yaml")));
  });

  it("takes every namespace that is named in the place of the usual one", async () => {
    const run = await atom("init", "named", "--namespace", "atom", "--namespace", "metrics");
    assert.equal(run.status, 0, run.stderr);
    const site = siteOf("named", join(checkout.root, "stacks", "Pulumi.named.yaml"));
    assert.deepEqual(site.product.namespaces, ["atom", "metrics"]);
    assert.match(
      run.stderr,
      /line \d+: namespaces: \[atom, metrics\] the cluster does not have atom, metrics \(yet\)/,
    );
  });

  it("in each messy state writes a file that declares what lives, or refuses all that is open at once", async () => {
    const { stackFile, kubeconfig } = labPaths(checkout.root);
    const declared = (site: Site): unknown => {
      const { classes, snapshotClass, groupSnapshotClass, companions } = planSite(site);
      return { classes, snapshotClass, groupSnapshotClass, companions };
    };
    for (const [index, state] of MESSY_STATES.entries()) {
      const { title, make, args = [], missing = false, refused, promised = true, told } = state;
      const end = await make(systems.cluster);
      try {
        const name = `messy-${index}`;
        const path = join(checkout.root, "stacks", `Pulumi.${name}.yaml`);
        const list = missing ? { KUBECONFIG: `${kubeconfig}:${kubeconfig}.missing` } : {};
        const run = await checkout.atom(["init", name, ...args], { ...env, ...list });
        assert.equal(run.status, refused ? 2 : 0, `${title}: ${run.stderr}`);
        told.forEach((one) => assert.match(run.stderr, one, title));
        assert.equal(existsSync(path), !refused, title);
        if (!refused && promised) {
          const lab = declared(siteOf("lab", stackFile));
          assert.deepEqual(declared(siteOf(name, path)), lab, title);
        }
      } finally {
        await end();
      }
    }
  });

  it("refuses a name that is none", async () => {
    const run = await atom("init", "../elsewhere");
    assert.equal(run.status, 2, run.stderr);
    assert.match(
      run.stderr,
      /SITE = "\.\.\/elsewhere": is no stack name\. Allowed: 1 to 100 letters/,
    );
  });
});
