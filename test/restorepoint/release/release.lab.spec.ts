import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { type ClusterObject, referenceOf } from "../../../clients/kubernetes/object";
import type { CollectedRelease } from "../../../restorepoint/release/collect";
import { collectRelease } from "../../../restorepoint/release/collect";
import { ReleaseStore } from "../../../restorepoint/release/store";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const PRODUCT = "atom-release-test";
const OWN = "atom-release-own";
const canary = Buffer.from("release-canary").toString("base64");

function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, unknown> = {},
  labels: Record<string, string> = {},
): ClusterObject {
  return { apiVersion, kind, metadata: { name, namespace: PRODUCT, labels }, ...rest };
}

const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "registry.example/web:1" }] },
};

const helmLabels = { owner: "helm", name: "atom", version: "2", status: "deployed" };

const objects: readonly ClusterObject[] = [
  object("v1", "ConfigMap", "settings", { data: { a: "1" } }),
  object("v1", "Service", "web", { spec: { ports: [{ port: 80 }], selector: { app: "web" } } }),
  object("apps/v1", "Deployment", "web", {
    spec: { replicas: 0, selector: { matchLabels: { app: "web" } }, template },
  }),
  object("v1", "Secret", "db", { type: "Opaque", data: { password: canary } }),
  object(
    "v1",
    "Secret",
    "sh.helm.release.v1.atom.v2",
    { type: "helm.sh/release.v1", data: { release: canary } },
    helmLabels,
  ),
  // A custom kind; the lab has no other than those of snapshots, which are left out.
  object("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "custom", {
    spec: { source: { persistentVolumeClaimName: "none" } },
  }),
];

/** Release objects with a real API server. It cannot show custom kinds: the lab has none. */
describe("the release objects of a point", () => {
  let lab: LabSystems;
  let root: string;
  let store: ReleaseStore;
  let collected: CollectedRelease;

  before(async () => {
    lab = await sharedLab();
    root = mkdtempSync(join(tmpdir(), "atom-release-lab-"));
    const own = { client: lab.cluster, stack: "lab", namespace: OWN };
    store = new ReleaseStore(own, root, 512);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: PRODUCT } };
    await lab.cluster.create(namespace, "test");
    for (const one of objects) {
      await lab.cluster.create(one, "test");
    }
    collected = await collect();
  });

  after(async () => {
    rmSync(root, { recursive: true, force: true });
    // A namespace goes later than it is asked to, and other tests on this lab look at all snapshots.
    for (const one of objects) {
      await lab.cluster.delete(referenceOf(one), undefined);
    }
    for (const name of [PRODUCT, OWN]) {
      await lab.cluster.delete({ apiVersion: "v1", kind: "Namespace", name }, undefined);
    }
  });

  const collect = (): Promise<CollectedRelease> =>
    collectRelease(lab.cluster, { namespaces: [PRODUCT], helmReleases: undefined });

  const partsInCluster = async (kind: string): Promise<string[]> =>
    (await lab.cluster.list("v1", kind, { namespace: OWN }))
      .map(({ metadata }) => metadata.name)
      .filter((name) => name !== "kube-root-ca.crt")
      .sort();

  it("are collected without what the API server set, and can be applied again", async () => {
    const { release } = collected;
    assert.deepEqual(
      release.objects.map(({ object: { kind, metadata } }) => `${kind}/${metadata.name}`),
      ["Deployment/web", "ConfigMap/settings", "Service/web"],
    );
    assert.deepEqual(release.helm, [
      {
        namespace: PRODUCT,
        release: "atom",
        revision: 2,
        status: "deployed",
        secret: "sh.helm.release.v1.atom.v2",
      },
    ]);
    assert.deepEqual(
      release.secrets.map(({ name, type }) => [name, type]),
      [
        ["db", "Opaque"],
        ["sh.helm.release.v1.atom.v2", "helm.sh/release.v1"],
      ],
    );
    assert.deepEqual(release.unknown, []);
    assert.ok(!JSON.stringify(collected).includes(canary));
    for (const { object: one } of release.objects) {
      await lab.cluster.delete(referenceOf(one), undefined);
      await lab.cluster.apply(one, "atom-backup", { force: true });
    }
    assert.deepEqual((await collect()).release, release);
  });

  it("are stored in parts, twice the same, and come back from either place", async () => {
    // What a killed run left of a larger release.
    const secrets = collected.secrets.slice(1);
    const stale = {
      ...collected.release,
      namespaces: [randomBytes(1000).toString("hex")],
      secrets: secrets.map(({ reference }) => reference),
    };
    await store.save("p", { release: stale, secrets });
    const record = await store.save("p", collected);
    assert.ok(record.parts > 1);
    assert.equal(record.secrets, 2);
    const before = await partsInCluster("ConfigMap");
    assert.deepEqual(
      before,
      Array.from({ length: record.parts }, (_, index) => `p-objects-${index + 1}`).sort(),
    );
    assert.deepEqual(await partsInCluster("Secret"), ["p-secret-1", "p-secret-2"]);
    assert.equal(readdirSync(join(root, "p")).length, record.parts);
    const versions = await lab.cluster.list("v1", "ConfigMap", { namespace: OWN });
    assert.deepEqual(await store.save("p", collected), record);
    assert.deepEqual(await lab.cluster.list("v1", "ConfigMap", { namespace: OWN }), versions);

    const [first = ""] = before;
    await lab.cluster.delete(
      { apiVersion: "v1", kind: "ConfigMap", name: first, namespace: OWN },
      undefined,
    );
    assert.deepEqual(await store.read("p", record.digest), collected.release);
    assert.deepEqual(await store.save("p", collected), record);
    assert.deepEqual(await partsInCluster("ConfigMap"), before);
    rmSync(join(root, "p"), { recursive: true });
    assert.deepEqual(await store.read("p", record.digest), collected.release);
    assert.deepEqual(await store.save("p", collected), record);
    assert.equal(readdirSync(join(root, "p")).length, record.parts);
  });

  it("hold no content of a Secret, neither in ConfigMaps nor in files", async () => {
    const files = readdirSync(join(root, "p"))
      .sort((one, other) => one.localeCompare(other, "en", { numeric: true }))
      .map((file) => readFileSync(join(root, "p", file)));
    const json = gunzipSync(Buffer.concat(files)).toString("utf8");
    assert.ok(json.includes("settings"));
    assert.ok(!json.includes(canary));
  });

  it("have their Secrets back from the copies, and miss one whose copy is gone", async () => {
    const { there, missing } = await store.secrets("p", collected.release);
    assert.deepEqual(missing, []);
    assert.deepEqual(
      there.map((content) => content.toApply()["data"]),
      [{ password: canary }, { release: canary }],
    );
    await lab.cluster.delete(
      { apiVersion: "v1", kind: "Secret", name: "p-secret-1", namespace: OWN },
      undefined,
    );
    assert.deepEqual((await store.secrets("p", collected.release)).missing, [
      collected.release.secrets[0],
    ]);
  });

  it("are never believed when they differ", async () => {
    writeFileSync(join(root, "p", "objects-1.gz"), "damaged");
    const recorded = "0".repeat(64);
    const { digest } = await store.save("q", collected);
    await assert.rejects(store.read("p", recorded), {
      name: "ReleaseError",
      message:
        "The release objects of restore point p cannot be read. " +
        `The ConfigMaps ${OWN}/p-objects-1 … have the digest ${digest}, recorded is ${recorded}. ` +
        `The files of ${root}/p cannot be unpacked: a part is missing or damaged. ` +
        "Nothing was changed. Bring the copy back from a backup of its folder.",
    });
  });

  it("are removed with the point, and those of another stay", async () => {
    await store.remove("p");
    await store.remove("p");
    assert.ok((await partsInCluster("ConfigMap")).every((name) => name.startsWith("q-objects-")));
    assert.deepEqual(await partsInCluster("Secret"), ["q-secret-1", "q-secret-2"]);
    assert.deepEqual(readdirSync(root), ["q"]);
  });

  it("never take the place of an object that is somebody else's", async () => {
    const foreign = { name: "r-objects-1", namespace: OWN };
    await lab.cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata: foreign }, "test");
    await assert.rejects(store.save("r", collected), {
      message:
        `ConfigMap ${OWN}/r-objects-1 is there already and does not belong to restore point r. ` +
        "It was not changed. Remove or rename it, or set cluster.namespace to a namespace of our own.",
    });
  });
});
