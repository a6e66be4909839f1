import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import type { RequestOptions } from "node:https";
import { Agent, request as httpsRequest } from "node:https";

import { answerError, unreachableError } from "./error";
import type { Endpoint } from "./kubeconfig";

/** Reads end quickly: an API server that has lost etcd lets requests hang 34 s, which would be taken for work. */
export const READ_TIMEOUT_MS = 5_000;

/** Writes run admission webhooks, which may take 10 s each by default. */
export const WRITE_TIMEOUT_MS = 30_000;

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

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One API server: sends a request once and turns every failure into a ClusterError. */
export class Transport {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private options: RequestOptions | undefined;

  constructor(private readonly endpoint: Endpoint) {}

  /** @returns the parsed JSON of a 2xx answer */
  async send(request: ApiRequest): Promise<unknown> {
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

  private async exchange(request: ApiRequest): Promise<Answer> {
    this.options ??= this.withAgent(await this.endpoint.options());
    try {
      return await exchange(this.endpoint.server, this.options, request);
    } catch (error) {
      throw unreachableError(this.endpoint.server, error, request.timeoutMs);
    }
  }

  /** Connections are kept, except through a proxy, for which the kubeconfig's own agent is needed. */
  private withAgent(options: RequestOptions): RequestOptions {
    const direct = options.agent instanceof Agent && options.agent.constructor === Agent;
    return direct ? { ...options, agent: this.agent } : options;
  }
}

function exchange(server: string, options: RequestOptions, request: ApiRequest): Promise<Answer> {
  const { method, path, body, contentType, timeoutMs } = request;
  const url = new URL(server + path);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...options.headers,
    accept: "application/json",
    "user-agent": "atom-backup",
    ...(text === undefined
      ? {}
      : {
          "content-type": contentType ?? "application/json",
          "content-length": Buffer.byteLength(text),
        }),
  };
  const send = url.protocol === "http:" ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : error);
    const outgoing = send(url, { ...options, method, headers, signal }, (incoming) => {
      collect(incoming).then(resolve, fail);
    });
    outgoing.on("error", fail);
    outgoing.end(text);
  });
}

async function collect(incoming: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) {
    parts.push(part as Buffer);
  }
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
}
