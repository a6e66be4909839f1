import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";

import type { StorageApi } from "../../planning/backends/observation";
import { StorageError } from "./error";

/** LINSTOR waits some seconds for satellites that are away before it answers without them. */
export const STORAGE_TIMEOUT_MS = 15_000;

/** More than the largest view of a thousand volumes; what is larger is no answer to our questions. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Attempts after the first, at 0.2, 0.4 and 0.8 s: a controller that is busy or moves, not one that is down. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 200;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Reads JSON from the REST API of a storage backend. Nothing is ever written through it. */
export class RestReader {
  #options: RequestOptions | undefined;

  /** @param title whose API it is, for errors, e.g. `LINSTOR` */
  constructor(
    private readonly title: string,
    private readonly api: StorageApi,
    private readonly timeoutMs = STORAGE_TIMEOUT_MS,
  ) {}

  /**
   * @param path with its query, from the root of the API
   * @throws StorageError
   */
  async get(path: string): Promise<unknown> {
    this.#options ??= await this.read();
    const options = this.#options;
    const { default: pRetry } = await import("p-retry");
    return pRetry(() => this.attempt(path, options), {
      retries: RETRIES,
      minTimeout: FIRST_PAUSE_MS,
      factor: 2,
      shouldRetry: ({ error }) => isPassing(error),
    });
  }

  private async attempt(path: string, options: RequestOptions): Promise<unknown> {
    let answer: Answer;
    try {
      answer = await this.exchange(path, options);
    } catch (error) {
      throw this.unreachable(error as NodeJS.ErrnoException);
    }
    if (answer.status < 200 || answer.status >= 300) {
      const hint =
        answer.status === 401 || answer.status === 403
          ? ": it does not accept what it was shown"
          : "";
      const message = `${this.title} at ${this.api.url} answered ${answer.status} to GET ${path}${hint}.`;
      throw new StorageError("answer", message, answer.status);
    }
    try {
      return JSON.parse(answer.text) as unknown;
    } catch {
      throw this.undocumented(path, "JSON");
    }
  }

  /** The error for an answer in another shape than the API documents. */
  undocumented(path: string, expected: string): StorageError {
    const message = `${this.title} at ${this.api.url} answered GET ${path} with something else than ${expected}.`;
    return new StorageError("answer", message);
  }

  private exchange(path: string, options: RequestOptions): Promise<Answer> {
    const url = new URL(this.api.url + path);
    const send = url.protocol === "http:" ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(this.timeoutMs);
      const fail = (error: Error): void =>
        reject(signal.aborted ? (signal.reason as Error) : error);
      const outgoing = send(url, { ...options, method: "GET", signal }, (incoming) => {
        collect(incoming).then(resolve, fail);
      });
      outgoing.on("error", fail);
      outgoing.end();
    });
  }

  private async read(): Promise<RequestOptions> {
    const { caFile, certFile, keyFile, tokenFile } = this.api;
    const [ca, cert, key, token] = await Promise.all(
      [caFile, certFile, keyFile, tokenFile].map((file) => this.file(file)),
    );
    const headers = {
      accept: "application/json",
      "user-agent": "atom-backup",
      ...(token === undefined ? {} : { authorization: `Bearer ${token.trim()}` }),
    };
    return { ca, cert, key, headers };
  }

  private async file(path: string | undefined): Promise<string | undefined> {
    try {
      return path === undefined ? undefined : await readFile(path, "utf8");
    } catch (error) {
      const { code = "unreadable" } = error as NodeJS.ErrnoException;
      const message = `The file ${path ?? ""} that opens the API of ${this.title} cannot be read (${code}).`;
      throw new StorageError("configuration", message);
    }
  }

  private unreachable(error: NodeJS.ErrnoException): StorageError {
    if (error instanceof StorageError) {
      return error;
    }
    const { code, name, message } = error;
    const silent = name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT";
    const why = silent
      ? `did not answer within ${this.timeoutMs / 1000} s`
      : code === "ECONNREFUSED"
        ? "refuses connections: nothing listens there"
        : `cannot be reached: ${message.replace(/\s+/g, " ").replace(/\.$/, "")}`;
    return new StorageError("unreachable", `${this.title} at ${this.api.url} ${why}.`);
  }
}

/** A silent API is not asked again: its time-out has been waited for once. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof StorageError &&
    error.status !== undefined &&
    (error.status === 429 || error.status >= 500)
  );
}

async function collect(incoming: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_BYTES) {
      throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    }
    parts.push(part as Buffer);
  }
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
}
