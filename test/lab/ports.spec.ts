import assert from "node:assert/strict";
import * as net from "node:net";
import { once } from "node:events";
import { choosePorts, isFree, portHolder } from "../../lab/ports";

describe("ports", () => {
  async function listening(): Promise<{ port: number; server: net.Server }> {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return { port: (server.address() as net.AddressInfo).port, server };
  }

  it("are told free or taken, and by whom", async () => {
    const { port, server } = await listening();
    assert.equal(await isFree(port), false);
    assert.equal(portHolder(port), `process ${process.pid} (node)`);
    server.close();
    await once(server, "close");
    assert.equal(await isFree(port), true);
  });

  it("are five different ones below those of outgoing connections", async () => {
    const ports = Object.values(await choosePorts());
    assert.equal(new Set(ports).size, 5);
    assert.ok(ports.every((port) => port >= 20_000 && port < 32_000));
  });

  it("skip those that are taken or chosen already", async () => {
    const first = await choosePorts();
    const server = net.createServer().listen(first.etcd, "127.0.0.1");
    await once(server, "listening");
    const draws = [first.etcd, first.apiserver, first.apiserver, first.vcenter, first.etcdPeer].map(
      (port) => (port - 20_000 + 0.5) / 12_000,
    );
    const second = await choosePorts(() => draws.shift() ?? Math.random());
    assert.equal(second.etcd, first.apiserver);
    assert.equal(second.etcdPeer, first.vcenter);
    assert.ok(!Object.values(second).includes(first.etcd));
    server.close();
    await once(server, "close");
  });

  it("say so when there are none", async () => {
    await assert.rejects(
      choosePorts(() => 0.5),
      {
        name: "LabError",
        message: /^No free ports were found on 127\.0\.0\.1 from 20000 to 31999\./,
      },
    );
  });
});
