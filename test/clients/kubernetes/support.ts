import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

/** A request as a fake API server got it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

/** What it answers; undefined cuts the connection. */
export type Answer = { readonly status: number; readonly body?: unknown } | undefined;

/** An API server of which only the answers matter. */
export class FakeApiServer {
  readonly seen: SeenRequest[] = [];
  private readonly dir = mkdtempSync(join(tmpdir(), "atom-cluster-test-"));
  private readonly server = createServer((request, response) => {
    void this.serve(request, response);
  });

  constructor(private readonly answer: (request: SeenRequest, number: number) => Answer) {}

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Path of a kubeconfig for it. */
  get kubeconfig(): string {
    const file = join(this.dir, "config");
    writeFileSync(file, kubeconfigText(this.url));
    return file;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part as Buffer);
    }
    const { method = "", url = "", headers } = request;
    const body = Buffer.concat(parts).toString();
    const seen = { method, path: url, body, authorization: headers.authorization };
    this.seen.push(seen);
    const answer = this.answer(seen, this.seen.length);
    if (answer === undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  }
}

export function kubeconfigText(
  server: string,
  contexts: readonly string[] = ["here", "there"],
): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "canary-token" } }],
    contexts: contexts.map((name) => ({ name, context: { cluster: "c", user: "u" } })),
    "current-context": contexts[0] ?? "",
  });
}

/** The kinds that the tests use, as discovery answers them. */
export const storageKinds = {
  status: 200,
  body: {
    kind: "APIResourceList",
    resources: [
      { name: "storageclasses", kind: "StorageClass", namespaced: false },
      { name: "storageclasses/status", kind: "StorageClass", namespaced: false },
    ],
  },
};

/** A Status object. */
export function failure(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: "Status", code, reason, message } };
}
