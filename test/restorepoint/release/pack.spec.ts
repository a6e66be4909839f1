import assert from "node:assert/strict";
import { inspect } from "node:util";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { partName } from "../../../clients/kubernetes/ownObjects";
import { pack, unpack } from "../../../restorepoint/release/pack";
import {
  helmRevision,
  isReleasedSecret,
  SecretContent,
} from "../../../restorepoint/release/secrets";
import type { ReleaseObjects } from "../../../restorepoint/release/types";

const release: ReleaseObjects = {
  version: 1,
  namespaces: ["atom"],
  helm: [],
  objects: [
    {
      object: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "a" },
        data: { b: "1", a: "2" },
      },
    },
  ],
  secrets: [],
  images: [],
  unknown: [],
};

describe("packed release objects", () => {
  it("are the same for the same objects, in whatever order their keys came", () => {
    const [{ object }] = release.objects as [{ object: ClusterObject }];
    const turned = Object.fromEntries(Object.entries(object).reverse()) as ClusterObject;
    assert.deepEqual(pack({ ...release, objects: [{ object: turned }] }), pack(release));
    assert.match(pack(release).digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(unpack(pack(release).parts, pack(release).digest, "They"), release);
  });

  it("are refused when a part is missing or another release's", () => {
    const { parts, digest } = pack(release, 64);
    const damaged = { message: "They cannot be unpacked: a part is missing or damaged." };
    assert.throws(() => unpack(parts.slice(1), digest, "They"), damaged);
    assert.throws(() => unpack(parts.slice(0, -1), digest, "They"), damaged);
    const other = pack({ ...release, namespaces: ["b"] });
    assert.throws(() => unpack(other.parts, digest, "They"), {
      name: "ReleaseError",
      message: `They have the digest ${other.digest}, recorded is ${digest}.`,
    });
    const newer = pack({ ...release, version: 2 as never });
    assert.throws(() => unpack(newer.parts, newer.digest, "They"), {
      message: "They are of version 2, known is 1.",
    });
  });

  it("have names that no length of a point's can break", () => {
    assert.equal(partName("pre-24.1", "objects", 12), "pre-24.1-objects-12");
    const [one, two] = ["a".repeat(300), `${"a".repeat(299)}b`].map((point) =>
      partName(point, "secret", 1),
    );
    assert.equal(one?.length, 253);
    assert.notEqual(one, two);
  });
});

describe("a Secret of a release", () => {
  const secret: ClusterObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: "db",
      namespace: "atom",
      uid: "u",
      labels: { app: "db" },
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration":
          '{"stringData":{"password":"canary-2"}}',
        note: "kept",
      },
    },
    type: "kubernetes.io/basic-auth",
    immutable: true,
    data: { password: Buffer.from("canary-1").toString("base64") },
  };
  const own = { client: undefined as never, stack: "lab", namespace: "atom-backup" };

  it("comes back from its copy as it was, without what kubectl noted down in clear", () => {
    const content = SecretContent.of(secret);
    const copy = content.toCopy(own, "p", 3);
    assert.equal(copy.metadata.name, "p-secret-3");
    assert.equal(copy["type"], "Opaque");
    assert.equal(copy["immutable"], true);
    assert.equal(copy.metadata.labels?.["atom-backup/restore-point"], "p");
    assert.deepEqual(SecretContent.fromCopy(copy)?.toApply(), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "db",
        namespace: "atom",
        labels: { app: "db" },
        annotations: { note: "kept" },
      },
      type: "kubernetes.io/basic-auth",
      immutable: true,
      data: secret["data"],
    });
  });

  it("is refused when its copy does not hold what it says", () => {
    const copy = SecretContent.of(secret).toCopy(own, "p", 1);
    assert.equal(SecretContent.fromCopy({ ...copy, data: { password: "eA==" } }), undefined);
    assert.equal(SecretContent.fromCopy({ ...copy, metadata: { name: "p-secret-1" } }), undefined);
  });

  it("shows itself by reference only, however it is printed", () => {
    const content = SecretContent.of(secret);
    const printed = `${inspect(content, { depth: 9, showHidden: true })} ${JSON.stringify(content)} ${String(content)}`;
    assert.match(printed, /basic-auth/);
    for (const canary of ["canary-1", "canary-2", Buffer.from("canary-1").toString("base64")]) {
      assert.ok(!printed.includes(canary));
    }
  });

  it("is a Helm revision by type and labels, and belongs where its release does", () => {
    const labels = { owner: "helm", name: "atom", version: "12", status: "deployed" };
    const name = "sh.helm.release.v1.atom.v12";
    const helm = {
      ...secret,
      type: "helm.sh/release.v1",
      metadata: { name, namespace: "atom", labels },
    };
    const revision = {
      namespace: "atom",
      release: "atom",
      revision: 12,
      status: "deployed",
      secret: name,
    };
    assert.deepEqual(helmRevision(helm), revision);
    assert.equal(helmRevision({ ...helm, type: "Opaque" }), undefined);
    assert.equal(isReleasedSecret(helm, undefined), true);
    assert.equal(isReleasedSecret(helm, ["atom/atom"]), true);
    assert.equal(isReleasedSecret(helm, ["atom/other"]), false);
    assert.equal(isReleasedSecret(secret, ["atom/other"]), true);
    assert.equal(
      isReleasedSecret({ ...secret, type: "kubernetes.io/service-account-token" }, undefined),
      false,
    );
  });
});
