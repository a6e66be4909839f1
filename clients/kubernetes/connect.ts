import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { isIPv6 } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { oneLine } from "../error";
import { warnOnce } from "../reporter";
import { ClusterClient } from "./client";
import { ClusterError } from "./error";
import { entryOf, readKubeconfig, type Kubeconfig } from "./kubeconfig";
import type { Endpoint } from "./transport";

export interface KubeconfigChoice {
  /** Path of the kubeconfig; default $KUBECONFIG (a list, merged), then ~/.kube/config, then the pod's own account. */
  readonly kubeconfig?: string | undefined;
  /** Folder of the pod's own account; default where the kubelet mounts it. */
  readonly pod?: string;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
  /** UID of the namespace kube-system that the cluster has to have. */
  readonly clusterUid?: string | undefined;
}

const POD = "/var/run/secrets/kubernetes.io/serviceaccount";

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
  const named = kubeconfigFiles(choice.kubeconfig);
  const files = named.filter((file) => existsSync(file));
  // Of a list, those that are there count, as with kubectl.
  const missing = files.length === 0 ? named.join(delimiter) : undefined;
  const { pod = POD } = choice;
  const isPod = missing !== undefined && isDefault(choice) && existsSync(join(pod, "token"));
  if (missing !== undefined && !isPod) {
    throw wrong(
      `There is no kubeconfig at ${missing}: set KUBECONFIG to the file of the cluster that is meant.`,
    );
  }
  const config = isPod ? podConfig(pod) : readKubeconfig(files);
  const source = isPod ? "the pod's service account" : `kubeconfig ${files.join(delimiter)}`;
  // A pod has the one cluster that it runs in; contexts are names in the kubeconfigs of people.
  const context = chooseContext(config, isPod ? undefined : choice.context, source);
  const { cluster: meant } = entryOf(config, "context", context) ?? {};
  const cluster = entryOf(config, "cluster", meant);
  if (cluster === undefined) {
    throw wrong(
      `Context ${context} of ${source} names the cluster "${String(meant ?? "")}", which is not in it.`,
    );
  }
  const server = String(cluster["server"]);
  warnOfOpenDoor(context, server, cluster["insecure-skip-tls-verify"] === true);
  return {
    server: server.replace(/\/+$/, ""),
    context,
    clusterUid: choice.clusterUid,
    options: () => requestOptions(config, context),
  };
}

function isDefault({ kubeconfig }: KubeconfigChoice): boolean {
  return kubeconfig === undefined && (process.env.KUBECONFIG ?? "") === "";
}

function kubeconfigFiles(path: string | undefined): readonly string[] {
  const listed = path === undefined ? (process.env.KUBECONFIG ?? "").split(delimiter) : [path];
  const files = listed.filter((file) => file !== "");
  return files.length > 0 ? files : [join(homedir(), ".kube", "config")];
}

function chooseContext(config: Kubeconfig, asked: string | undefined, source: string): string {
  const names = config.contexts.map(({ name }) => name);
  const there = names.length === 0 ? "it has none" : `there are: ${names.join(", ")}`;
  const context = asked ?? config["current-context"];
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
function warnOfOpenDoor(context: string, server: string, isUnverified: boolean): void {
  const { protocol, hostname } = new URL(server);
  if (/^(localhost|127\..*|\[::1\])$/.test(hostname)) {
    return;
  }
  if (protocol === "http:") {
    warnOnce(
      `Context ${context} of the kubeconfig speaks plain http with ${server}: credentials and Secrets can be read on ` +
        "the way. Use the https address of the API server.",
    );
  } else if (isUnverified) {
    warnOnce(
      `Context ${context} of the kubeconfig does not verify the certificate of ${server} (insecure-skip-tls-verify): ` +
        "another server could answer in its place. Set certificate-authority instead.",
    );
  }
}

/** What {@link plainOptions} knows how to use. */
const PLAIN =
  /^(server|insecure-skip-tls-verify|token|tokenFile|as|(certificate-authority|client-certificate|client-key)(-data)?)$/;

async function requestOptions(config: Kubeconfig, context: string): Promise<RequestOptions> {
  const { cluster: clusterName, user: userName } = entryOf(config, "context", context) ?? {};
  const cluster = entryOf(config, "cluster", clusterName) ?? {};
  const user = entryOf(config, "user", userName) ?? {};
  const isPlain =
    /^https:/.test(String(cluster["server"])) &&
    Object.keys({ ...cluster, ...user }).every((key) => PLAIN.test(key));
  try {
    const options = isPlain
      ? plainOptions({ ...cluster, ...user })
      : await libraryOptions({ ...config, "current-context": context });
    if (Buffer.isBuffer(options.ca)) {
      // Node passes over what is no certificate, and every server then looks like another one.
      void new X509Certificate(options.ca);
    }
    return options;
  } catch (error) {
    const why = oneLine((error as Error).message);
    throw wrong(
      `Credentials or certificate-authority of context ${context} are of no use: ${why}.`,
    );
  }
}

/** The usual case by itself, as the library takes longer to load than most commands take for all else. */
function plainOptions(fields: Readonly<Record<string, unknown>>): RequestOptions {
  const bytes = (name: string): Buffer | undefined => {
    const [file, data] = [fields[name], fields[`${name}-data`]];
    return typeof data === "string"
      ? Buffer.from(data, "base64")
      : typeof file === "string"
        ? readFileSync(file)
        : undefined;
  };
  const [ca, cert, key] = ["certificate-authority", "client-certificate", "client-key"].map(bytes);
  const { as } = fields;
  const token = bytes("tokenFile")?.toString().trim() ?? fields["token"];
  return {
    ca,
    cert,
    key,
    ...(fields["insecure-skip-tls-verify"] === true ? { rejectUnauthorized: false } : {}),
    headers: {
      ...(typeof token === "string" ? { Authorization: `Bearer ${token}` } : {}),
      ...(typeof as === "string" ? { "Impersonate-User": as } : {}),
    },
  };
}

/** Credentials of plugins and files that are renewed, proxies, and all else that a kubeconfig can say. */
async function libraryOptions(config: Kubeconfig): Promise<RequestOptions> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const library = new KubeConfig();
  library.loadFromString(JSON.stringify(config));
  const options: RequestOptions = {};
  await library.applyToHTTPSOptions(options);
  return options;
}

/** The service account of the pod that this process runs in. */
function podConfig(folder: string): Kubeconfig {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
  const name = "pod";
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const cluster = { server, "certificate-authority": join(folder, "ca.crt") };
  return {
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user: { tokenFile: join(folder, "token") } }],
    "current-context": name,
  };
}

function wrong(message: string): ClusterError {
  return new ClusterError("configuration", message);
}
