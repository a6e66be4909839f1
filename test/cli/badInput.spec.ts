import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../site/preflight/finding";
import { Checkout } from "./support/checkout";

/** Digest of every file that a command could leave behind or change. */
function fingerprint(root: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    if (/^(node_modules|dist|lab)(\/|$)/.test(name)) {
      continue;
    }
    const path = join(root, name);
    hash.update(name);
    if (statSync(path).isFile()) {
      hash.update(readFileSync(path));
    }
  }
  return hash.digest("hex");
}

/** The command line as a whole; each refusal's own text is shown in test/config and test/planning. */
describe("bad input on the command line", () => {
  let checkout: Checkout;
  before(() => {
    checkout = Checkout.create();
  });
  after(() => checkout.remove());

  async function refused(
    args: readonly string[],
    expected: readonly (string | RegExp)[],
  ): Promise<void> {
    const before = fingerprint(checkout.root);
    const run = await checkout.atom(args);
    assert.equal(run.status, 2, run.stderr);
    assert.equal(run.stdout, "");
    assert.doesNotMatch(run.stderr, /\n\s+at /, "no stack trace");
    for (const text of expected) {
      if (typeof text === "string") {
        assert.ok(run.stderr.includes(text), `${run.stderr}\nlacks: ${text}`);
      } else {
        assert.match(run.stderr, text);
      }
    }
    assert.equal(fingerprint(checkout.root), before, "nothing was touched");
  }

  it("refuses a factor that no site can hold, before anything is started", async () => {
    await refused(["up", "-c", "replicationFactor=7"], ["replicationFactor = 7"]);
  });

  it("refuses a single copy without a waiver", async () => {
    await refused(["up", "-c", "replicationFactor=1"], ["replicationFactor = 1"]);
  });

  it("reports several bad values of one run together", async () => {
    await refused(
      ["up", "-c", "replicationFactor=two", "-c", "backend=longhron"],
      ["replicationFactor", "longhron", "longhorn"],
    );
  });

  it("refuses to set a secret on the command line and does not repeat it", async () => {
    const run = await checkout.atom(["up", "-c", "vcenterPassword=hunter2-canary"]);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /vcenterPassword/);
    assert.doesNotMatch(run.stdout + run.stderr, /hunter2-canary/);
  });

  it("names the stacks there are when one is not", async () => {
    await refused(["preview", "--offline", "--stack", "labb"], ["labb", "lab"]);
  });

  it("refuses an unknown command and an unknown option", async () => {
    await refused(["upp"], [/unknown command/]);
    await refused(["up", "--forec"], [/unknown option/]);
  });

  it("reports all problems of a stack file at once, with their key paths", async () => {
    const path = join(checkout.root, "stacks", "Pulumi.broken.yaml");
    writeFileSync(
      path,
      [
        "config:",
        "  atom-backup:backend: lab",
        "  atom-backup:replicationFactor: 2.5",
        "  atom-backup:replicationFacter: 3",
        "  atom-backup:topology.sites[0].name: a",
        "  atom-backup:topology:",
        "    sites:",
        "      - name: a",
        "        storageNodes: [n1, n2]",
        "        storagenodes: [n3]",
        "  atom-backup:product:",
        "    namespaces: [atom]",
        "",
      ].join("\n"),
    );
    await refused(
      ["preview", "--offline", "--stack", "broken"],
      [
        "replicationFactor = 2.5",
        "replicationFacter",
        "topology.sites[0].name",
        "storagenodes",
        "Pulumi.broken.yaml",
      ],
    );
  });

  it("refuses a stack file with a key given twice, naming the line", async () => {
    const path = join(checkout.root, "stacks", "Pulumi.twice.yaml");
    writeFileSync(path, "config:\n  atom-backup:backend: lab\n");
    appendFileSync(path, "  atom-backup:backend: linstor\n");
    await refused(["preview", "--offline", "--stack", "twice"], ["Pulumi.twice.yaml", /line 3/]);
  });
});

describe("a preview without any live system", () => {
  let checkout: Checkout;
  before(() => {
    checkout = Checkout.create();
  });
  after(() => checkout.remove());

  it("shows what the lab stack declares, its copies and its survival verdict", async () => {
    const run = await checkout.atom(["preview", "--offline"]);
    assert.equal(run.status, 0, run.stdout);
    assert.match(run.stdout, /\+ StorageClass atom-replicated/);
    assert.match(run.stdout, /\+ VolumeSnapshotClass atom-snapshots/);
    assert.match(run.stdout, /2 copies of each data volume, at most 1 in one site/);
  });

  it("prints one versioned JSON document on stdout and nothing else", async () => {
    const run = await checkout.atom(["preview", "--offline", "--json"]);
    assert.equal(run.status, 0, run.stderr);
    const document = JSON.parse(run.stdout) as { version: number; stack: string; offline: boolean };
    assert.deepEqual(
      { version: document.version, stack: document.stack, offline: document.offline },
      { version: 2, stack: "lab", offline: true },
    );
    assert.doesNotMatch(run.stdout, /atom-lab-vcenter/);
  });

  it("tells which rules are broken by what is declared, and who answers for it", async () => {
    const broken = ["-c", "classes[0].reclaimPolicy=Delete", "-c", "classes[0].expansion=false"];
    const run = await checkout.atom(["preview", "--offline", "--json", ...broken]);
    const { checks } = JSON.parse(run.stdout) as { checks: readonly Finding[] };
    assert.deepEqual(
      checks.map(({ severity, check, object }) => [severity, check, object]),
      Array(2).fill(["error", "reclaim-policy", "StorageClass atom-replicated"]),
    );
    assert.match(run.stderr, /failed: StorageClass atom-replicated: reclaimPolicy is not Retain/);
  });

  it("cannot tell, with exit code 1, when the lab was never started", async () => {
    const run = await checkout.atom(["preview"]);
    assert.equal(run.status, 1);
    assert.match(run.stderr, /Unknown: the lab was never started/);
  });

  it("refuses to deploy a real site without the Pulumi CLI, changing nothing", async () => {
    const run = await checkout.atom(["up", "--yes", "--stack", "model-three-sites-linstor"]);
    assert.equal(run.status, 2, run.stderr);
    assert.match(run.stderr, /deployed through the Pulumi CLI, which is neither on PATH/);
  });
});
