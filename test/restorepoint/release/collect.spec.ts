import assert from "node:assert/strict";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { connectCluster } from "../../../clients/kubernetes/connect";
import { collectRelease } from "../../../restorepoint/release/collect";
import type { Answer, SeenRequest } from "../../clients/kubernetes/support";
import { FakeApiServer, failure } from "../../clients/kubernetes/support";

const product = { namespaces: ["b", "a"], helmReleases: undefined };

/** Group versions and the kinds that they hold, as `Kind plural` with `*` for a kind without a namespace. */
const served: Readonly<Record<string, readonly string[]>> = {
  "/api/v1": ["ConfigMap configmaps", "Secret secrets", "Pod pods"],
  "/apis/atom.example/v1": ["Widget widgets"],
  "/apis/atom.example/v1beta1": ["Widget widgets", "Gadget gadgets", "Fleet *fleets"],
  "/apis/metrics.k8s.io/v1": ["PodMetrics podmetrics"],
};

const groups = [
  { name: "atom.example", versions: ["v1beta1", "v1"], preferred: "v1" },
  { name: "down.example", versions: ["v2"], preferred: "v2" },
  { name: "metrics.k8s.io", versions: ["v1"], preferred: "v1" },
].map(({ name, versions, preferred }) => ({
  name,
  versions: versions.map((version) => ({ version })),
  preferredVersion: { version: preferred },
}));

function kindsOf(path: string): Answer {
  const resources = (served[path] ?? []).map((text) => {
    const [kind = "", plural = ""] = text.split(" ");
    const name = plural.replace("*", "");
    const verbs = ["create", "list"];
    return { name, kind, namespaced: !plural.startsWith("*"), verbs };
  });
  return resources.length === 0 ? { status: 404 } : { status: 200, body: { resources } };
}

describe("collecting a release", () => {
  let server: FakeApiServer;
  let client: ClusterClient;

  afterEach(async () => {
    await client.close();
    server.stop();
  });

  async function serve(
    lists: (request: SeenRequest) => Answer,
    answering = groups.filter(({ name }) => name !== "down.example"),
  ): Promise<void> {
    server = new FakeApiServer((request) => {
      const [path = ""] = request.path.split("?");
      if (path === "/apis") {
        return { status: 200, body: { groups: answering } };
      }
      if (path === "/apis/down.example/v2") {
        return failure(503, "ServiceUnavailable", "no endpoints");
      }
      return path.includes("/namespaces/") ? lists(request) : kindsOf(path);
    });
    await server.start();
    client = await connectCluster({ kubeconfig: server.kubeconfig });
  }

  it("asks once for each kind and namespace, and for custom kinds in the preferred version", async () => {
    await serve(() => ({ status: 200, body: { items: [] } }));
    const { release } = await collectRelease(client, product);
    const lists = server.seen.flatMap(
      ({ path }) => /^(.*\/namespaces\/.*)\?/.exec(path)?.[1] ?? [],
    );
    assert.deepEqual(
      lists.sort(),
      ["a", "b"]
        .flatMap((namespace) => [
          `/api/v1/namespaces/${namespace}/configmaps`,
          `/api/v1/namespaces/${namespace}/pods`,
          `/api/v1/namespaces/${namespace}/secrets`,
          `/apis/atom.example/v1/namespaces/${namespace}/widgets`,
          `/apis/atom.example/v1beta1/namespaces/${namespace}/gadgets`,
        ])
        .sort(),
    );
    assert.deepEqual(release.namespaces, ["a", "b"]);
    assert.deepEqual(release.objects, []);
  }).timeout(10_000);

  it("says what could not be read, and why", async () => {
    await serve(
      ({ path }) =>
        path.includes("/a/configmaps")
          ? failure(403, "Forbidden", "configmaps is forbidden")
          : { status: 200, body: { items: [] } },
      groups,
    );
    const { release } = await collectRelease(client, product);
    const down =
      "Asking for the kinds of down.example/v2: the API server answered 503: no endpoints.";
    assert.deepEqual(release.unknown, [
      { apiVersion: "down.example/v2", kind: "*", namespace: "a", why: down },
      { apiVersion: "down.example/v2", kind: "*", namespace: "b", why: down },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        namespace: "a",
        why: "Listing configmaps: the API server answered 403: configmaps is forbidden.",
      },
    ]);
  }).timeout(10_000);

  it("ends when the API server goes silent", async () => {
    await serve(({ path }) => (path.includes("secrets") ? undefined : { status: 200, body: {} }));
    await assert.rejects(collectRelease(client, product), {
      name: "ClusterError",
      message: `The API server at ${server.url} closed the connection without an answer.`,
    });
  }).timeout(10_000);
});
