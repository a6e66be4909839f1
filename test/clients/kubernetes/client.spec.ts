import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { inspect } from "node:util";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { connectCluster } from "../../../clients/kubernetes/connect";
import type { ClusterError } from "../../../clients/kubernetes/error";
import type { Answer, SeenRequest } from "./support";
import { FakeApiServer, failure, storageKinds } from "./support";

const reference = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "a" };
const object = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "a" } };

describe("the cluster client", () => {
  let server: FakeApiServer;
  let client: ClusterClient;

  afterEach(async () => {
    await client.close();
    server.stop();
  });

  /** Answers discovery, and everything else by the given function; `number` counts the latter from 1. */
  async function serve(
    answer: (request: SeenRequest, number: number) => Answer,
    clusterUid?: string,
  ): Promise<void> {
    let number = 0;
    server = new FakeApiServer((request) => {
      if (request.path === "/apis/storage.k8s.io/v1") {
        return storageKinds;
      }
      number += 1;
      return answer(request, number);
    });
    await server.start();
    client = await connectCluster({ kubeconfig: server.kubeconfig, clusterUid });
  }

  const asked = (): string[] => server.seen.map(({ method, path }) => `${method} ${path}`);

  it("asks for the plural once and sends the credentials", async () => {
    await serve(() => ({ status: 200, body: object }));
    await client.get(reference);
    await client.get({ ...reference, name: "b" });
    deepStrictEqual(asked(), [
      "GET /apis/storage.k8s.io/v1",
      "GET /apis/storage.k8s.io/v1/storageclasses/a",
      "GET /apis/storage.k8s.io/v1/storageclasses/b",
    ]);
    deepStrictEqual(
      server.seen.map(({ authorization }) => authorization),
      Array(3).fill("Bearer canary-token"),
    );
  });

  it("asks another cluster than the pinned one for its identity, and nothing else", async () => {
    await serve(() => ({ status: 200, body: { metadata: { uid: "other" } } }), "meant");
    const answers = await Promise.allSettled([
      client.list("storage.k8s.io/v1", "StorageClass"),
      client.delete(reference, undefined),
      client.mayI({ verb: "list", group: "", resource: "nodes" }),
    ]);
    deepStrictEqual(
      answers.map((one) => (one.status === "rejected" ? (one.reason as ClusterError).failure : "")),
      ["identity", "identity", "identity"],
    );
    deepStrictEqual(new Set(asked()), new Set(["GET /api/v1/namespaces/kube-system"]));
  });

  it("asks the pinned cluster for its identity once, and again after a silence", async () => {
    const own = { status: 200, body: { ...object, metadata: { name: "a", uid: "meant" } } };
    await serve(
      (_request, number) => (number === 1 ? failure(403, "Forbidden", "no") : own),
      "meant",
    );
    await rejects(client.get(reference), { failure: "answer" });
    await client.get(reference);
    await client.get(reference);
    const identity = "GET /api/v1/namespaces/kube-system";
    equal(asked().filter((one) => one === identity).length, 2);
  });

  it("reads all pages of a list and gives each item its kind", async () => {
    await serve((_request, number) => ({
      status: 200,
      body: {
        metadata: number === 1 ? { continue: "next" } : {},
        items: [{ metadata: { name: `n${number}` } }],
      },
    }));
    deepStrictEqual(await client.list("storage.k8s.io/v1", "StorageClass"), [
      { ...object, metadata: { name: "n1" } },
      { ...object, metadata: { name: "n2" } },
    ]);
    deepStrictEqual(asked().slice(1), [
      "GET /apis/storage.k8s.io/v1/storageclasses?limit=500",
      "GET /apis/storage.k8s.io/v1/storageclasses?limit=500&continue=next",
    ]);
  });

  it("takes no object for no error", async () => {
    await serve(() => failure(404, "NotFound", "not found"));
    equal(await client.get(reference), undefined);
    await client.delete(reference, undefined);
  });

  it("calls a kind not served whose list is not there, and asks for the kinds again", async () => {
    await serve((_request, number) =>
      number === 1
        ? failure(404, "NotFound", "404 page not found")
        : { status: 200, body: { metadata: {}, items: [] } },
    );
    await rejects(client.list("storage.k8s.io/v1", "StorageClass"), { failure: "notServed" });
    deepStrictEqual(await client.list("storage.k8s.io/v1", "StorageClass"), []);
    equal(asked().filter((one) => one === "GET /apis/storage.k8s.io/v1").length, 2);
  });

  for (const status of [429, 500, 503]) {
    it(`tries again after ${status}`, async () => {
      await serve((_request, number) =>
        number < 3 ? failure(status, "Busy", "busy") : { status: 200, body: object },
      );
      deepStrictEqual(await client.get(reference), object);
      equal(server.seen.length, 4);
    });
  }

  it("gives up after four attempts, in one sentence", async () => {
    await serve(() => failure(503, "ServiceUnavailable", "etcd is\n  away."));
    await rejects(client.get(reference), {
      name: "ClusterError",
      failure: "answer",
      status: 503,
      message: "Reading StorageClass a: the API server answered 503: etcd is away.",
    });
    equal(server.seen.length, 5);
  });

  it("does not try again what is refused", async () => {
    await serve(() => failure(403, "Forbidden", "storageclasses is forbidden"));
    await rejects(client.get(reference), { status: 403 });
    equal(server.seen.length, 2);
  });

  it("does not create a second time when an answer was lost", async () => {
    await serve(({ method }, number) => {
      if (method === "GET") {
        return { status: 200, body: { ...object, metadata: { name: "a", uid: "1" } } };
      }
      return number === 1
        ? failure(500, "InternalError", "timeout")
        : failure(409, "AlreadyExists", 'storageclasses "a" already exists');
    });
    equal((await client.create(object, "m")).metadata.uid, "1");
    deepStrictEqual(
      server.seen.slice(1).map(({ method }) => method),
      ["POST", "POST", "GET"],
    );
  });

  it("does not take what was there before for its own", async () => {
    await serve(() => failure(409, "AlreadyExists", 'storageclasses "a" already exists'));
    await rejects(client.create(object, "m"), {
      reason: "AlreadyExists",
      message:
        'Creating StorageClass a: the API server answered 409: storageclasses "a" already exists.',
    });
    equal(server.seen.length, 2);
  });

  it("changes again what somebody else changed meanwhile", async () => {
    let version = 1;
    await serve(({ method, body }) => {
      if (method === "GET") {
        return {
          status: 200,
          body: { ...object, metadata: { name: "a", resourceVersion: String(version) } },
        };
      }
      version += 1;
      return version === 2
        ? failure(409, "Conflict", "the object has been modified")
        : { status: 200, body: JSON.parse(body) as unknown };
    });
    const changed = await client.modify(reference, "m", (live) => ({ ...live, provisioner: "p" }));
    deepStrictEqual([changed?.metadata.resourceVersion, changed?.["provisioner"]], ["2", "p"]);
    ok(asked().includes("PUT /apis/storage.k8s.io/v1/storageclasses/a?fieldManager=m"));
  });

  it("finds nothing to change where the object goes away before the write", async () => {
    await serve(({ method }) =>
      method === "PUT" ? failure(404, "NotFound", "not found") : { status: 200, body: object },
    );
    const changed = await client.modify(reference, "m", (live) => ({ ...live, provisioner: "p" }));
    deepStrictEqual(changed, undefined);
    ok(asked().includes("PUT /apis/storage.k8s.io/v1/storageclasses/a?fieldManager=m"));
  });

  it("deletes only the object that was meant", async () => {
    await serve(() => ({ status: 200, body: {} }));
    await client.delete(reference, "uid-1");
    deepStrictEqual(JSON.parse(server.seen.at(-1)?.body ?? ""), {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: "Background",
      preconditions: { uid: "uid-1" },
    });
  });

  it("says which kind is not served", async () => {
    await serve(() => failure(404, "NotFound", "the server could not find the requested resource"));
    await rejects(client.list("example.com/v1", "Thing"), {
      failure: "notServed",
      message: "The API server does not serve Thing of example.com/v1: its CRD is not installed.",
    });
    deepStrictEqual(await client.servedVersions("example.com"), []);
  });

  it("reads the credentials anew after a 401, and then says that they are refused", async () => {
    await serve(() => failure(401, "Unauthorized", "Unauthorized"));
    await rejects(client.get(reference), {
      message: `The API server at ${server.url} does not accept the credentials of the kubeconfig (401).`,
    });
    equal(server.seen.length, 3);
  });

  it("says that nothing listens", async () => {
    await serve(() => undefined);
    const { url } = server;
    await rejects(client.kubeSystemUid(), {
      failure: "unreachable",
      message: `The API server at ${url} closed the connection without an answer.`,
    });
    server.stop();
    await rejects(client.kubeSystemUid(), {
      failure: "unreachable",
      message: `The API server at ${url} refuses connections: nothing listens there.`,
    });
  });

  it("keeps the token out of its errors", async () => {
    await serve(() => failure(403, "Forbidden", "no"));
    await client.get(reference).catch((error: unknown) => {
      ok(!inspect(error, { depth: 20, showHidden: true }).includes("canary-token"));
    });
  });
});
