import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { binaryPlace, programFile } from "../../../lab/binaries";
import { labPaths, projectDir } from "../../../lab/paths";

/** A program that a test runs for the pod of a Deployment, with what it wrote. */
export interface RunningController {
  /** Port of its metrics and health. */
  readonly port: number;
  readonly args: readonly string[];
  output(): string;
  /** Ends it as a node that goes does. */
  kill(): Promise<void>;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly { readonly name: string; readonly args: readonly string[] }[];
}

/**
 * Runs the real snapshot-controller as a pod of the Deployment would be run: with its arguments, in its namespace, and
 * with the rights of its ServiceAccount and no others. Only the port is another, as a test has no address of its own.
 */
export async function runController(
  root: string,
  deployment: ClusterObject,
): Promise<RunningController> {
  const { namespace = "" } = deployment.metadata;
  const { spec } = (deployment["spec"] as { readonly template: { readonly spec: PodSpec } })
    .template;
  const port = await freePort();
  const args = (spec.containers[0]?.args ?? []).map((arg) =>
    arg.startsWith("--http-endpoint=") ? `--http-endpoint=127.0.0.1:${port}` : arg,
  );
  const kubeconfig = actingAs(root, namespace, spec.serviceAccountName);
  const program = programFile(binaryPlace(projectDir(), process.env), "snapshot-controller");
  const child = spawn(program, [`--kubeconfig=${kubeconfig}`, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    // What the kubelet would tell by the mounted ServiceAccount: where the lease is.
    env: { POD_NAMESPACE: namespace },
  });
  let output = "";
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  return { port, args, output: () => output, kill: () => end(child) };
}

/** A kubeconfig of the administrator that acts as a ServiceAccount: the API server grants what that one may. */
function actingAs(root: string, namespace: string, account: string): string {
  const config = JSON.parse(readFileSync(labPaths(root).kubeconfig, "utf8")) as {
    readonly users: { user: Record<string, unknown> }[];
  };
  for (const { user } of config.users) {
    user["as"] = `system:serviceaccount:${namespace}:${account}`;
    user["as-groups"] = [
      "system:serviceaccounts",
      `system:serviceaccounts:${namespace}`,
      "system:authenticated",
    ];
  }
  const file = join(root, "controller.kubeconfig");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await closed;
  }
}
