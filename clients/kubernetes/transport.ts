import type { RequestOptions } from "node:https";
import { Agent } from "node:https";

import { exchange, type HttpAnswer, NoAnswer } from "../http";
import { answerError, ClusterError } from "./error";
import type { ClusterObject } from "./object";

/** Reads end quickly: an API server that has lost etcd lets requests hang 34 s, which would be taken for work. */
export const READ_TIMEOUT_MS = 5_000;

/** Writes run admission webhooks, which may take 10 s each by default. */
export const WRITE_TIMEOUT_MS = 30_000;

/** Connections that are kept; two hundred objects are posted no faster over more. */
const CONNECTIONS = 16;

/** Where a cluster is and how requests to it are authenticated. */
export interface Endpoint {
  /** Base URL of the API server. */
  readonly server: string;
  readonly context: string;
  /** UID of the namespace kube-system that the stack file pins: another cluster is asked nothing else. */
  readonly clusterUid?: string | undefined;
  /** TLS options and headers for one request; asks for new credentials where a plugin gives them out. */
  options(): Promise<RequestOptions>;
}

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** What is tried, for errors, e.g. `Creating StorageClass atom-replicated`. */
  readonly action: string;
  readonly timeoutMs: number;
}

/** The namespace whose UID is as good as a name of the cluster: it lives as long. */
const KUBE_SYSTEM: ApiRequest = {
  method: "GET",
  path: "/api/v1/namespaces/kube-system",
  action: "Reading Namespace kube-system",
  timeoutMs: READ_TIMEOUT_MS,
};

/** One API server: sends a request once and turns every failure into a ClusterError. */
export class Transport {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  private options: RequestOptions | undefined;
  private identified: Promise<void> | undefined;

  constructor(private readonly endpoint: Endpoint) {}

  /**
   * @returns the parsed JSON of a 2xx answer
   * @throws ClusterError `identity`, before anything else is asked, where another cluster answers than is pinned
   */
  async send(request: ApiRequest): Promise<unknown> {
    this.identified ??= this.identify();
    try {
      await this.identified;
    } catch (error) {
      this.identified = undefined;
      throw error;
    }
    return this.ask(request);
  }

  private async identify(): Promise<void> {
    const { server, context, clusterUid: pinned } = this.endpoint;
    if (pinned === undefined) {
      return;
    }
    const { metadata } = (await this.ask(KUBE_SYSTEM)) as ClusterObject;
    if (metadata.uid !== pinned) {
      throw new ClusterError(
        "identity",
        `The cluster of context ${context} at ${server} is another one: its kube-system has the UID ` +
          `${metadata.uid ?? ""}, the stack file pins cluster.clusterUid ${pinned}. Nothing was changed. Choose the ` +
          "context of the right cluster; if the cluster was rebuilt on purpose, run ./atom rebind-cluster.",
      );
    }
  }

  private async ask(request: ApiRequest): Promise<unknown> {
    let answer = await this.exchange(request);
    if (answer.status === 401) {
      // A token of a plugin or a file may have been renewed since it was read.
      this.options = undefined;
      answer = await this.exchange(request);
    }
    if (answer.status < 200 || answer.status >= 300) {
      throw answerError(request.action, this.endpoint.server, answer.status, answer.text);
    }
    return answer.text === "" ? undefined : (JSON.parse(answer.text) as unknown);
  }

  close(): void {
    this.agent.destroy();
  }

  private async exchange(request: ApiRequest): Promise<HttpAnswer> {
    const { server } = this.endpoint;
    const { method, path, body, contentType = "application/json", timeoutMs } = request;
    this.options ??= this.withAgent(await this.endpoint.options());
    const headers = {
      ...this.options.headers,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": contentType }),
    };
    try {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const options = { ...this.options, method, headers };
      return await exchange(new URL(server + path), options, timeoutMs, text);
    } catch (error) {
      if (!(error instanceof NoAnswer)) {
        throw error;
      }
      throw new ClusterError("unreachable", `The API server at ${server} ${error.message}.`);
    }
  }

  /** Connections are kept, except through a proxy, for which the kubeconfig's own agent is needed. */
  private withAgent(options: RequestOptions): RequestOptions {
    const { agent } = options;
    const direct = agent === undefined || (agent instanceof Agent && agent.constructor === Agent);
    return direct ? { ...options, agent: this.agent } : options;
  }
}
