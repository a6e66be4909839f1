import { deepStrictEqual, rejects } from "node:assert/strict";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { exchange, NoAnswer } from "../../clients/http";

describe("a request on a kept connection that the server closes just then", () => {
  /** Answers once on each connection. */
  const connections = new Set<unknown>();
  const server = createServer((request, response) => {
    if (connections.has(request.socket)) {
      request.socket.destroy();
    } else {
      connections.add(request.socket);
      response.end("answered");
    }
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (method: string): Promise<string> => {
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return (await exchange(url, { method, agent }, 5_000)).text;
  };

  before((done) => void server.listen(0, "127.0.0.1", done));
  beforeEach(() => ask("GET"));

  after(() => {
    agent.destroy();
    server.close();
  });

  it("is sent again where it only asks", async () => {
    const before = connections.size;
    deepStrictEqual([await ask("GET"), connections.size], ["answered", before + 1]);
  });

  it("is not sent twice where it may change something", async () => {
    const before = connections.size;
    await rejects(ask("POST"), NoAnswer);
    deepStrictEqual(connections.size, before);
  });
});
