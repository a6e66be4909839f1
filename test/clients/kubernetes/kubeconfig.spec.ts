import { deepStrictEqual, equal, match, rejects } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadEndpoint } from "../../../clients/kubernetes/connect";
import { withVariables } from "../../support/environment";
import { kubeconfigText } from "./support";

describe("choosing a cluster from a kubeconfig", () => {
  const dir = mkdtempSync(join(tmpdir(), "atom-kubeconfig-test-"));
  const file = join(dir, "config");

  beforeEach(() => writeFileSync(file, kubeconfigText("https://one:6443/")));

  after(() => rmSync(dir, { recursive: true, force: true }));

  it("takes the current context, or the one that is asked for", async () => {
    const current = await loadEndpoint({ kubeconfig: file });
    deepStrictEqual([current.server, current.context], ["https://one:6443", "here"]);
    equal((await loadEndpoint({ kubeconfig: file, context: "there" })).context, "there");
  });

  it("names the contexts there are", async () => {
    await rejects(loadEndpoint({ kubeconfig: file, context: "prod" }), {
      name: "ClusterError",
      failure: "configuration",
      message: `Kubeconfig ${file} has no context "prod" (cluster.context); there are: here, there.`,
    });
  });

  it("asks for a context where none is current", async () => {
    writeFileSync(file, kubeconfigText("https://one:6443", []));
    await rejects(loadEndpoint({ kubeconfig: file }), {
      message: `Kubeconfig ${file} has no current context; set cluster.context (it has none).`,
    });
  });

  it("says which file is missing", async () => {
    const missing = join(dir, "missing");
    await withVariables({ KUBECONFIG: missing }, () =>
      rejects(loadEndpoint({}), {
        message: `There is no kubeconfig at ${missing}: set KUBECONFIG to the file of the cluster that is meant.`,
      }),
    );
  });

  it("says which file is no kubeconfig", async () => {
    writeFileSync(file, "clusters: [\n");
    await rejects(loadEndpoint({ kubeconfig: file }), (error: Error) => {
      equal(error.name, "ClusterError");
      equal(error.message.startsWith(`The kubeconfig ${file} cannot be read: `), true);
      equal(error.message.includes("\n"), false);
      return true;
    });
  });

  it("says that a kubeconfig is empty", async () => {
    writeFileSync(file, "");
    await rejects(loadEndpoint({ kubeconfig: file }), {
      message: `The kubeconfig ${file} cannot be read: it is empty.`,
    });
  });

  it("merges the files of KUBECONFIG, the first one's context counts", async () => {
    const second = join(dir, "second");
    writeFileSync(
      second,
      kubeconfigText("https://two:6443", ["elsewhere"])
        .replaceAll("name: c", "name: d")
        .replaceAll("name: u", "name: v")
        .replaceAll("cluster: c", "cluster: d")
        .replaceAll("user: u", "user: v"),
    );
    await withVariables({ KUBECONFIG: `${file}:${second}` }, async () => {
      equal((await loadEndpoint({})).context, "here");
      equal((await loadEndpoint({ context: "elsewhere" })).server, "https://two:6443");
    });
    await withVariables(
      { KUBECONFIG: `${join(dir, "gone")}:${file}:${join(dir, "none")}` },
      async () => equal((await loadEndpoint({})).context, "here"),
    );
  });

  it("says that a context's cluster is missing", async () => {
    writeFileSync(
      file,
      kubeconfigText("https://one:6443").replaceAll("cluster: c", "cluster: gone"),
    );
    await rejects(loadEndpoint({ kubeconfig: file }), {
      message: `Context here of kubeconfig ${file} names the cluster "gone", which is not in it.`,
    });
  });

  for (const [what, server, warned] of [
    ["plain http", "http://prod-1:8080", /warning: .*here.*http:\/\/prod-1:8080/],
    ["no verification", "https://prod-1:6443", /warning: .*here.*insecure-skip-tls-verify/],
    ["loopback", "http://127.0.0.1:8080", /^$/],
  ] as const) {
    it(`warns once, on stderr: ${what}`, () => {
      writeFileSync(file, kubeconfigText(server));
      const program = `
        const { loadEndpoint } = require(${JSON.stringify(join(__dirname, "../../../clients/kubernetes/connect.js"))});
        const load = () => loadEndpoint({ kubeconfig: ${JSON.stringify(file)} });
        load().then(load);`;
      const { stdout, stderr } = spawnSync(process.execPath, ["-e", program]);
      const lines = stderr.toString().trim().split("\n");
      equal(lines.length, 1);
      match(lines[0] ?? "", warned);
      equal(stdout.toString(), "");
    });
  }
});
