import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ClusterClient } from "../../../clients/kubernetes/client";
import { inOnePass } from "../../../site/up/access";

/** A client that answers each question with its number. */
class Asked {
  count = 0;
  readonly #secret = "there";

  async list(apiVersion: string, kind: string): Promise<readonly string[]> {
    this.count += 1;
    return [apiVersion, kind, `${this.count}`];
  }

  get(name: string): string {
    return `${name} ${this.#secret}`;
  }
}

describe("one pass over the live systems", () => {
  it("lists each kind once, whoever asks, and hands everything else on", async () => {
    const asked = new Asked();
    const client = asked as unknown as ClusterClient;
    const access = { cluster: { state: "open", client }, vcenter: { state: "notNeeded" } } as const;
    const pass = inOnePass(access);
    strictEqual(pass.vcenter.state, "notNeeded");
    const one = pass.cluster.state === "open" ? (pass.cluster.client as unknown as Asked) : asked;
    deepStrictEqual(await one.list("v1", "Node"), await one.list("v1", "Node"));
    await one.list("v1", "PersistentVolume");
    strictEqual(asked.count, 2);
    strictEqual(one.get("it"), "it there");
    // The next pass sees what has become of it.
    const next = inOnePass(access).cluster;
    await (next.state === "open" ? next.client : client).list("v1", "Node");
    strictEqual(asked.count, 3);
  });
});
