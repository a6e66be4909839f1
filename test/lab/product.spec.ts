import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { helmSecret } from "../../lab/product/helmRelease";
import { releaseObjects } from "../../lab/product/objects";
import {
  FIRST_RELEASE,
  NEXT_RELEASE,
  PRODUCT_CLAIMS,
  PRODUCT_NAMESPACE,
} from "../../lab/product/parts";

type Plain = Record<string, unknown>;

const kindsOf = (release: string): string[] =>
  releaseObjects(release).map(({ object }) => String(object["kind"]));

describe("the lab's sample product", () => {
  it("is four StatefulSets with eight claims, and what belongs to them", () => {
    const counts = new Map<string, number>();
    kindsOf(FIRST_RELEASE).forEach((kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
    assert.deepEqual(Object.fromEntries(counts), {
      ConfigMap: 4,
      Secret: 4,
      Service: 4,
      StatefulSet: 4,
      Deployment: 1,
      ManagedSite: 1,
    });
    assert.deepEqual(
      PRODUCT_CLAIMS.map(({ namespace, claim, pod }) => `${namespace}/${claim} ${pod}`),
      [
        "atom/data-config-store-0 config-store-0",
        "atom/data-config-store-1 config-store-1",
        "atom/data-inventory-0 inventory-0",
        "atom/data-inventory-1 inventory-1",
        "atom/data-orchestrator-0 orchestrator-0",
        "atom/data-orchestrator-1 orchestrator-1",
        "atom/data-telemetry-0 telemetry-0",
        "atom/data-telemetry-1 telemetry-1",
      ],
    );
    for (const { path, object } of releaseObjects(FIRST_RELEASE)) {
      const { name, namespace } = object["metadata"] as { name: string; namespace: string };
      assert.equal(namespace, PRODUCT_NAMESPACE);
      assert.ok(path.endsWith(`/${name}`), path);
    }
  });

  it("names its images by digest, another one in each release", () => {
    const images = (release: string): string[] =>
      [...JSON.stringify(releaseObjects(release)).matchAll(/"image":"([^"]+)"/g)].map(
        ([, image = ""]) => image,
      );
    const first = images(FIRST_RELEASE);
    assert.equal(first.length, 5);
    for (const image of first) {
      assert.match(image, /^registry\.atom\.example\/atom\/[a-z-]+:24\.1\.0@sha256:[0-9a-f]{64}$/);
    }
    assert.equal(new Set([...first, ...images(NEXT_RELEASE)]).size, 10);
    assert.deepEqual(kindsOf(NEXT_RELEASE), kindsOf(FIRST_RELEASE));
  });

  it("has Helm's record of the release, packed as Helm packs it, the same bytes each time", () => {
    const objects = releaseObjects(FIRST_RELEASE);
    const revision = { revision: 2, release: FIRST_RELEASE, status: "deployed", objects } as const;
    const { path, object } = helmSecret(revision);
    assert.equal(path, "/api/v1/namespaces/atom/secrets/sh.helm.release.v1.atom.v2");
    assert.equal(object["type"], "helm.sh/release.v1");
    assert.deepEqual((object["metadata"] as { labels: Plain }).labels, {
      owner: "helm",
      name: "atom",
      status: "deployed",
      version: "2",
      modifiedAt: "1767225600",
    });
    const { release } = object["data"] as { release: string };
    const packed = Buffer.from(Buffer.from(release, "base64").toString(), "base64");
    const content = JSON.parse(gunzipSync(packed).toString()) as Plain;
    assert.equal(content["version"], 2);
    assert.equal((content["info"] as Plain)["status"], "deployed");
    assert.equal(String(content["manifest"]).split("---\n").length - 1, objects.length);
    assert.deepEqual(helmSecret(revision), { path, object });
  });
});
