import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageApi } from "../../../planning/backends/observation";
import { linstorResources, mayastorVolumes, StorageError } from "../../../clients/storage/rest";
import { type Answer, FakeApiServer, type SeenRequest } from "../kubernetes/support";

function apiAt(url: string, changes: Partial<StorageApi> = {}): StorageApi {
  return {
    url,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
    tokenFile: undefined,
    ...changes,
  };
}

async function withServer(
  answer: (request: SeenRequest, number: number) => Answer,
  run: (server: FakeApiServer) => Promise<void>,
): Promise<void> {
  const server = new FakeApiServer(answer);
  await server.start();
  try {
    await run(server);
  } finally {
    server.stop();
  }
}

describe("reading a storage backend's own API", () => {
  it("reads all resources of LINSTOR by one call", async () => {
    const resources = [{ name: "pvc-1", node_name: "a-1" }];
    await withServer(
      () => ({ status: 200, body: resources }),
      async (server) => {
        assert.deepEqual(await linstorResources(apiAt(server.url)), resources);
        assert.deepEqual(
          server.seen.map(({ method, path }) => `${method} ${path}`),
          ["GET /v1/view/resources"],
        );
      },
    );
  });

  it("reads the pages of Mayastor's volumes, and shows its token", async () => {
    const folder = mkdtempSync(join(tmpdir(), "atom-storage-test-"));
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "canary-token\n");
    await withServer(
      ({ path }) => ({
        status: 200,
        body: path.includes("starting_token")
          ? { entries: [2] }
          : { entries: [1], next_token: 500 },
      }),
      async (server) => {
        assert.deepEqual(await mayastorVolumes(apiAt(server.url, { tokenFile })), [1, 2]);
        assert.deepEqual(
          server.seen.map(({ path, authorization }) => `${path} ${authorization ?? ""}`),
          [
            "/v0/volumes?max_entries=500 Bearer canary-token",
            "/v0/volumes?max_entries=500&starting_token=500 Bearer canary-token",
          ],
        );
      },
    );
    rmSync(folder, { recursive: true });
  });

  it("asks a busy controller again, and then tells its answer", async () => {
    await withServer(
      (_, number) => (number < 3 ? { status: 503 } : { status: 200, body: [] }),
      async (server) => {
        assert.deepEqual(await linstorResources(apiAt(server.url)), []);
        assert.equal(server.seen.length, 3);
      },
    );
  });

  it("says in a sentence what went wrong", async () => {
    const resources = (url: string): Promise<unknown> => linstorResources(apiAt(url));
    const path = "GET /v1/view/resources";
    const failures: readonly (readonly [
      status: number,
      body: unknown,
      read: (url: string) => Promise<unknown>,
      failure: string,
      message: string,
    ])[] = [
      [401, undefined, resources, "answer", `LINSTOR at URL answered 401 to ${path}: it does not`],
      [
        200,
        {},
        resources,
        "answer",
        `LINSTOR at URL answered ${path} with something else than a list`,
      ],
      [
        200,
        undefined,
        resources,
        "answer",
        `LINSTOR at URL answered ${path} with something else than JSON`,
      ],
      [
        200,
        { entries: [], next_token: 5 },
        (url) => mayastorVolumes(apiAt(url)),
        "answer",
        "Mayastor at URL answered GET /v0/volumes?max_entries=500&starting_token=5 with something else than a page",
      ],
      [
        200,
        [],
        (url) => linstorResources(apiAt(url, { caFile: "/nowhere/ca.pem" })),
        "configuration",
        "The file /nowhere/ca.pem that opens the API of LINSTOR cannot be read (ENOENT)",
      ],
    ];
    for (const [status, body, read, failure, message] of failures) {
      await withServer(
        () => ({ status, body }),
        async ({ url }) => {
          await assert.rejects(read(url), (error: unknown) => {
            assert.ok(error instanceof StorageError);
            assert.equal(error.failure, failure);
            assert.ok(error.message.startsWith(message.replace("URL", url)), error.message);
            return true;
          });
        },
      );
    }
    await assert.rejects(linstorResources(apiAt("http://127.0.0.1:1")), {
      name: "StorageError",
      message: "LINSTOR at http://127.0.0.1:1 refuses connections: nothing listens there.",
    });
  });
});
