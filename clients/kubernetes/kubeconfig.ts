import { X509Certificate } from "node:crypto";
import { access } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";

import { ClusterError } from "./error";

/** Where a cluster is and how requests to it are authenticated. */
export interface Endpoint {
  /** Base URL of the API server. */
  readonly server: string;
  readonly context: string;
  /** SHA-256 fingerprint of the certificate authority, upper-case hex with colons; undefined when none is pinned. */
  readonly caFingerprint: string | undefined;
  /** TLS options and headers for one request; asks for new credentials where a plugin gives them out. */
  options(): Promise<RequestOptions>;
}

export interface KubeconfigChoice {
  /** Path of the kubeconfig; default $KUBECONFIG (a list, merged), then ~/.kube/config, then the pod's own account. */
  readonly kubeconfig?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
}

const podToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * @throws ClusterError `configuration` when a file is missing or malformed, or the context is not in it; the message
 *   then names the contexts there are.
 */
export async function loadEndpoint(choice: KubeconfigChoice): Promise<Endpoint> {
  // 0.3 s to load, so only when a cluster is really wanted.
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  const source = await fill(config, choice.kubeconfig);
  const context = chooseContext(config, choice.context, source);
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const missing = config.getContextObject(context)?.cluster ?? "";
    throw wrong(
      `Context ${context} of ${source} names the cluster "${missing}", which is not in it.`,
    );
  }
  return {
    server: cluster.server.replace(/\/+$/, ""),
    context,
    caFingerprint: await fingerprint(config),
    options: () => requestOptions(config),
  };
}

function wrong(message: string): ClusterError {
  return new ClusterError("configuration", message);
}

/** Loads the files and says for people which ones. */
async function fill(config: KubeConfig, path: string | undefined): Promise<string> {
  const files = kubeconfigFiles(path);
  const missing = await firstMissing(files);
  if (missing === undefined) {
    merge(config, files);
    return `kubeconfig ${files.join(delimiter)}`;
  }
  if (path === undefined && process.env.KUBECONFIG === undefined && (await exists(podToken))) {
    config.loadFromCluster();
    return "the pod's service account";
  }
  throw wrong(
    `There is no kubeconfig at ${missing}: set KUBECONFIG to the file of the cluster that is meant.`,
  );
}

function kubeconfigFiles(path: string | undefined): readonly string[] {
  if (path !== undefined) {
    return [path];
  }
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed : [join(homedir(), ".kube", "config")];
}

async function firstMissing(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    if (!(await exists(file))) {
      return file;
    }
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function merge(config: KubeConfig, files: readonly string[]): void {
  const Config = config.constructor as new () => KubeConfig;
  files.forEach((file, index) => {
    try {
      const part = index === 0 ? config : new Config();
      part.loadFromFile(file);
      if (index > 0) {
        config.mergeConfig(part, true);
      }
    } catch (error) {
      const why = (error as Error).message.split("\n")[0] ?? "";
      throw wrong(`The kubeconfig ${file} cannot be read: ${why}.`);
    }
  });
}

function chooseContext(config: KubeConfig, asked: string | undefined, source: string): string {
  const names = config.getContexts().map(({ name }) => name);
  const there = names.length === 0 ? "it has none" : `there are: ${names.join(", ")}`;
  const context = asked ?? (config.getCurrentContext() as string | undefined) ?? "";
  if (context === "") {
    throw wrong(`${capital(source)} has no current context; set cluster.context (${there}).`);
  }
  if (!names.includes(context)) {
    const key = asked === undefined ? "its current-context" : "cluster.context";
    throw wrong(`${capital(source)} has no context "${context}" (${key}); ${there}.`);
  }
  return context;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function fingerprint(config: KubeConfig): Promise<string | undefined> {
  const { ca } = await requestOptions(config);
  if (!Buffer.isBuffer(ca)) {
    return undefined;
  }
  try {
    return new X509Certificate(ca).fingerprint256;
  } catch {
    throw wrong(
      `The certificate-authority of context ${config.getCurrentContext()} is no certificate.`,
    );
  }
}

async function requestOptions(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const why = (error as Error).message.replace(/\s+/g, " ");
    throw wrong(`The credentials of context ${config.getCurrentContext()} cannot be made: ${why}.`);
  }
  return options;
}
