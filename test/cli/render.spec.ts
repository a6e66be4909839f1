import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Checkout } from "./support/checkout";

describe("./atom render", () => {
  let checkout: Checkout;
  before(() => {
    checkout = Checkout.create();
  });
  after(() => checkout.remove());

  function files(folder: string): Record<string, string> {
    return Object.fromEntries(
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    );
  }

  it("writes one file per object and the VM snapshots as a list, without any live system", async () => {
    const out = join(checkout.root, "out");
    const run = await checkout.atom(["render", "--out", out], { KUBECONFIG: "/nonexistent" });
    assert.equal(run.status, 0, run.stderr);
    assert.equal(run.stdout, "");
    assert.deepEqual(Object.keys(files(out)), [
      ".atom-render",
      "storageclass.storage.k8s.io_atom-replicated.yaml",
      "vm-snapshots.txt",
      "volumegroupsnapshotclass.groupsnapshot.storage.k8s.io_atom-snapshots.yaml",
      "volumesnapshotclass.snapshot.storage.k8s.io_atom-snapshots.yaml",
    ]);
    const { "vm-snapshots.txt": list } = files(out);
    assert.match(
      list ?? "",
      /restore point pre-24\.1 for release 24\.1: planned; will be taken of/,
    );
    assert.match(list ?? "", /  atom-c-2 \(VM 42100000-0000-4000-8000-0000000000c2\)\n$/);
    assert.doesNotMatch(Object.values(files(out)).join(""), /\[secret\]|atom-lab-vcenter/);
  });

  it("writes the same bytes again, and with -c what that value would declare", async () => {
    const out = join(checkout.root, "again");
    const stackFile = join(checkout.root, "stacks", "Pulumi.lab.yaml");
    const stackText = readFileSync(stackFile, "utf8");
    await checkout.atom(["render", "--out", out]);
    const first = files(out);
    assert.equal((await checkout.atom(["render", "--out", out])).status, 0);
    assert.deepEqual(files(out), first);
    const raised = await checkout.atom(["render", "--out", out, "-c", "replicationFactor=3"]);
    assert.equal(raised.status, 0, raised.stderr);
    const { "storageclass.storage.k8s.io_atom-replicated.yaml": text } = files(out);
    const { parameters } = parse(text ?? "") as { parameters: Record<string, string> };
    assert.equal(parameters["replicas"], "3");
    assert.equal(readFileSync(stackFile, "utf8"), stackText, "-c is only tried");
  });

  it("prints one versioned JSON document when asked", async () => {
    const out = join(checkout.root, "json");
    const run = await checkout.atom(["render", "--out", out, "--json"]);
    assert.equal(run.status, 0, run.stderr);
    const document = JSON.parse(run.stdout) as {
      manifests: { file: string; hold: string; text?: string }[];
    };
    const { manifests, ...rest } = document;
    assert.deepEqual(rest, {
      version: 2,
      command: "render",
      stack: "lab",
      file: "stacks/Pulumi.lab.yaml",
      out,
      snapshotList: "vm-snapshots.txt",
      unattended: [],
      leftOut: [],
    });
    assert.equal(manifests.length, 3);
    assert.ok(
      manifests.every(({ file, text }) => existsSync(join(out, file)) && text === undefined),
    );
  });

  it("refuses a folder with files of others, and to go without a folder, with exit code 2", async () => {
    const out = join(checkout.root, "foreign");
    mkdirSync(out);
    writeFileSync(join(out, "notes.txt"), "mine\n");
    const run = await checkout.atom(["render", "--out", out]);
    assert.equal(run.status, 2, run.stderr);
    assert.match(
      run.stderr,
      /it holds notes\.txt, which no rendering made\. Nothing was written\./,
    );
    assert.deepEqual(readdirSync(out), ["notes.txt"]);
    assert.equal((await checkout.atom(["render"])).status, 2);
  });
});
