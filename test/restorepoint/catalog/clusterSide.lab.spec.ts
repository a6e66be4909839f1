import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import type { ObjectReference } from "../../../clients/kubernetes/object";
import type { Catalog } from "../../../restorepoint/catalog/catalog";
import { siteCatalog } from "../../../restorepoint/catalog/catalog";
import { CatalogConflict } from "../../../restorepoint/catalog/errors";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";
import { seed } from "./support";

const NAMESPACE = "atom-catalog-test";
const configMap: ObjectReference = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: NAMESPACE,
  name: "restore-point-pre-24.1",
};

/** A catalog with a real API server. The namespace is made by the first write. */
describe("the catalog in a cluster", () => {
  let lab: LabSystems;
  let root: string;
  let catalog: Catalog;

  const own = () => ({ client: lab.cluster, stack: "lab", namespace: NAMESPACE });
  const at = (folder: string): Catalog =>
    siteCatalog(own(), { root: folder, catalogDir: "catalog" }, () => new Date());

  before(async () => {
    lab = await sharedLab();
    root = mkdtempSync(join(tmpdir(), "atom-catalog-lab-"));
    catalog = at(root);
  });

  after(async () => {
    rmSync(root, { recursive: true, force: true });
    const { apiVersion } = configMap;
    await lab.cluster.delete({ apiVersion, kind: "Namespace", name: NAMESPACE }, undefined);
  });

  it("makes its namespace and one readable ConfigMap, equal to the file", async () => {
    const journal = await catalog.open(seed("pre-24.1"), "restore-point create");
    await journal.begin("take", { namespace: "atom", claim: "data-db-0" });
    const found = await lab.cluster.get(configMap);
    assert.deepEqual(found?.metadata.labels, {
      "app.kubernetes.io/managed-by": "atom-backup",
      "app.kubernetes.io/part-of": "atom",
      "atom-backup/stack": "lab",
      "atom-backup/restore-point": "pre-24.1",
      "atom-backup/content": "record",
    });
    const data = found["data"] as Record<string, string>;
    const file = join(root, "catalog/lab/pre-24.1.json");
    assert.equal(data["record.json"], readFileSync(file, "utf8"));
    const namespace = { apiVersion: "v1", kind: "Namespace", name: NAMESPACE };
    const labels = (await lab.cluster.get(namespace))?.metadata.labels ?? {};
    assert.equal(labels["atom-backup/stack"], "lab");
  });

  it("is written anew after etcd lost it, and taken by a machine that has no copy", async () => {
    await lab.cluster.delete(configMap, undefined);
    const journal = await catalog.open(seed("pre-24.1"), "restore-point create");
    assert.deepEqual(
      journal.pending().map(({ step }) => step),
      ["take"],
    );
    await journal.end("take", {});
    const other = mkdtempSync(join(tmpdir(), "atom-catalog-lab-"));
    try {
      const copied = await at(other).read("pre-24.1");
      assert.equal(copied?.journal.sequence, 4);
      const file = join(other, "catalog/lab/pre-24.1.json");
      assert.equal(existsSync(file), false, "reading writes nothing");
      // Two at once: the first to write wins, the other stops before its step.
      const theirs = await at(other).open(seed("pre-24.1"), "restore-point expire");
      assert.equal(existsSync(file), true);
      await assert.rejects(journal.begin("verify"), CatalogConflict);
      await theirs.close("done");
      assert.equal((await catalog.read("pre-24.1"))?.journal.sequence, 6);
      await (await catalog.open(seed("pre-24.1"), "restore-point verify")).close("done");
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it("packs a catalog that is too large for a ConfigMap as text", async () => {
    const journal = await catalog.open(seed("large"), "restore-point create");
    const reason = "of a class that no snapshot class belongs to ".repeat(4);
    const uncovered = Array.from({ length: 5000 }, (_, index) => {
      return { namespace: "atom", claim: `data-db-${index}`, reason };
    });
    await journal.note("look", {}, (record) => ({ ...record, uncovered }));
    const found = await lab.cluster.get({ ...configMap, name: "restore-point-large" });
    assert.equal(found?.["data"], undefined);
    const packed = (found?.["binaryData"] as Record<string, string>)["record.json.gz"] ?? "";
    assert.equal(
      gunzipSync(Buffer.from(packed, "base64")).toString("utf8"),
      readFileSync(join(root, "catalog/lab/large.json"), "utf8"),
    );
    assert.equal((await catalog.read("large"))?.uncovered.length, 5000);
  });

  it("lists all points at once, and forgets one in both places", async () => {
    const { points, clusterUnread } = await catalog.list();
    assert.equal(clusterUnread, undefined);
    assert.deepEqual(
      points.map(({ point, notes }) => [point, ...notes]),
      [["large"], ["pre-24.1"]],
    );
    await catalog.remove("large");
    assert.deepEqual(
      (await catalog.list()).points.map(({ point }) => point),
      ["pre-24.1"],
    );
  });

  it("touches no ConfigMap that is not its own", async () => {
    const foreign = { name: "restore-point-taken", namespace: NAMESPACE };
    await lab.cluster.create(
      { ...configMap, metadata: foreign, data: { a: "b" } } as never,
      "test",
    );
    const message =
      `ConfigMap ${NAMESPACE}/restore-point-taken is not the record of restore point taken of stack lab: ` +
      "its labels say otherwise. Nothing was changed. Remove it, or set cluster.namespace to a namespace of our own.";
    await assert.rejects(catalog.open(seed("taken"), "restore-point create"), { message });
    await assert.rejects(catalog.remove("taken"), { message });
  });
});
