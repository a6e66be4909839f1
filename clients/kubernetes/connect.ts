import { X509Certificate } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";

import { oneLine } from "../error";
import { warnOnce } from "../reporter";
import { ClusterClient } from "./client";
import { ClusterError } from "./error";
import type { Endpoint } from "./transport";

export interface KubeconfigChoice {
  /** Path of the kubeconfig; default $KUBECONFIG (a list, merged), then ~/.kube/config, then the pod's own account. */
  readonly kubeconfig?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
  /** UID of the namespace kube-system that the cluster has to have. */
  readonly clusterUid?: string | undefined;
}

const POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * A client for the cluster of a kubeconfig context. Nothing is sent yet.
 *
 * @throws ClusterError `configuration`
 */
export async function connectCluster(choice: KubeconfigChoice): Promise<ClusterClient> {
  return new ClusterClient(await loadEndpoint(choice));
}

/**
 * @throws ClusterError `configuration` when a file is missing or malformed, or the context is not in it; the message
 *   then names the contexts there are.
 */
export async function loadEndpoint(choice: KubeconfigChoice): Promise<Endpoint> {
  // 0.3 s to load, so only when a cluster is really wanted.
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const named = kubeconfigFiles(choice.kubeconfig);
  const files = named.filter((file) => existsSync(file));
  // Of a list, those that are there count, as with kubectl.
  const missing = files.length === 0 ? named.join(delimiter) : undefined;
  const isPod = missing !== undefined && isDefault(choice) && existsSync(POD_TOKEN);
  if (missing !== undefined && !isPod) {
    throw wrong(
      `There is no kubeconfig at ${missing}: set KUBECONFIG to the file of the cluster that is meant.`,
    );
  }
  const config = new Config();
  if (isPod) {
    config.loadFromCluster();
  } else {
    files.forEach((file, index) => merge(config, file, index === 0 ? config : new Config()));
  }
  const source = isPod ? "the pod's service account" : `kubeconfig ${files.join(delimiter)}`;
  const context = chooseContext(config, choice.context, source);
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const meant = config.getContextObject(context)?.cluster ?? "";
    throw wrong(
      `Context ${context} of ${source} names the cluster "${meant}", which is not in it.`,
    );
  }
  warnOfOpenDoor(context, cluster);
  return {
    server: cluster.server.replace(/\/+$/, ""),
    context,
    clusterUid: choice.clusterUid,
    options: () => requestOptions(config),
  };
}

function isDefault({ kubeconfig }: KubeconfigChoice): boolean {
  return kubeconfig === undefined && process.env.KUBECONFIG === undefined;
}

function kubeconfigFiles(path: string | undefined): readonly string[] {
  const listed = path === undefined ? (process.env.KUBECONFIG ?? "").split(delimiter) : [path];
  const files = listed.filter((file) => file !== "");
  return files.length > 0 ? files : [join(homedir(), ".kube", "config")];
}

function merge(config: KubeConfig, file: string, part: KubeConfig): void {
  try {
    part.loadFromFile(file);
    if (part !== config) {
      config.mergeConfig(part, true);
    }
  } catch (error) {
    const { message } = error as Error;
    const why = statSync(file).size === 0 ? "it is empty" : (message.split("\n")[0] ?? "");
    throw wrong(`The kubeconfig ${file} cannot be read: ${why}.`);
  }
}

function chooseContext(config: KubeConfig, asked: string | undefined, source: string): string {
  const names = config.getContexts().map(({ name }) => name);
  const there = names.length === 0 ? "it has none" : `there are: ${names.join(", ")}`;
  const context = asked ?? (config.getCurrentContext() as string | undefined) ?? "";
  const subject = source.charAt(0).toUpperCase() + source.slice(1);
  if (context === "") {
    throw wrong(`${subject} has no current context; set cluster.context (${there}).`);
  }
  if (!names.includes(context)) {
    const key = asked === undefined ? "its current-context" : "cluster.context";
    throw wrong(`${subject} has no context "${context}" (${key}); ${there}.`);
  }
  return context;
}

/** Who can read or change the traffic reads and changes every Secret that the user may. */
function warnOfOpenDoor(
  context: string,
  { server, skipTLSVerify }: { readonly server: string; readonly skipTLSVerify: boolean },
): void {
  const { protocol, hostname } = new URL(server);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) {
    return;
  }
  if (protocol === "http:") {
    warnOnce(
      `Context ${context} of the kubeconfig speaks plain http with ${server}: credentials and Secrets can be read on ` +
        "the way. Use the https address of the API server.",
    );
  } else if (skipTLSVerify) {
    warnOnce(
      `Context ${context} of the kubeconfig does not verify the certificate of ${server} (insecure-skip-tls-verify): ` +
        "another server could answer in its place. Set certificate-authority instead.",
    );
  }
}

async function requestOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
    if (Buffer.isBuffer(options.ca)) {
      // Node passes over what is no certificate, and every server then looks like another one.
      void new X509Certificate(options.ca);
    }
  } catch (error) {
    const why = oneLine((error as Error).message);
    throw wrong(
      `Credentials or certificate-authority of context ${config.getCurrentContext()} are of no use: ${why}.`,
    );
  }
  return options;
}

function wrong(message: string): ClusterError {
  return new ClusterError("configuration", message);
}
