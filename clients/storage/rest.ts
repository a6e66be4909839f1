import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";

import type { StorageApi } from "../../planning/backends/observation";
import { SystemError, withRetries } from "../error";
import { exchange, NoAnswer } from "../http";

/** LINSTOR waits some seconds for satellites that are away before it answers without them. */
const TIMEOUT_MS = 10_000;

/** Volumes of one page of Mayastor, whose control plane asks for a limit (`max_entries` is required). */
const PAGE = 500;

/** A server that hands out pages without an end is not followed for ever. */
const MOST_PAGES = 200;

/** An error of a storage backend's own API in one sentence; never with a token in it. */
export class StorageError extends SystemError {
  override readonly name = "StorageError";
}

/**
 * Every resource of LINSTOR on every node, with its volumes, by one call (LINBIT/linstor-server, REST API v1,
 * `viewResources`).
 *
 * @throws StorageError
 */
export async function linstorResources(api: StorageApi): Promise<readonly unknown[]> {
  const reader = new RestReader("LINSTOR", api);
  const path = "/v1/view/resources";
  const answer = await reader.get(path);
  if (!Array.isArray(answer)) {
    throw reader.undocumented(path, "a list of resources");
  }
  return answer as readonly unknown[];
}

/**
 * Every volume of Mayastor with its replicas, by as few calls as there are pages (openebs/mayastor-control-plane,
 * v0_api_spec.yaml, `get_volumes`).
 *
 * @throws StorageError
 */
export async function mayastorVolumes(api: StorageApi): Promise<readonly unknown[]> {
  const reader = new RestReader("Mayastor", api);
  const found: unknown[] = [];
  let token: number | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const start = token === undefined ? "" : `&starting_token=${token}`;
    const path = `/v0/volumes?max_entries=${PAGE}${start}`;
    const answer = (await reader.get(path)) as { entries?: unknown; next_token?: unknown } | null;
    if (!Array.isArray(answer?.entries)) {
      throw reader.undocumented(path, "a page of volumes");
    }
    found.push(...(answer.entries as readonly unknown[]));
    const next = answer.next_token;
    if (typeof next !== "number") {
      return found;
    }
    if (token !== undefined && next <= token) {
      throw reader.undocumented(path, "a page that leads on");
    }
    token = next;
  }
  throw reader.undocumented("/v0/volumes", `at most ${MOST_PAGES} pages`);
}

/** Reads JSON from the REST API of a storage backend. Nothing is ever written through it. */
class RestReader {
  #options: RequestOptions | undefined;

  /** @param title whose API it is, for errors, e.g. `LINSTOR` */
  constructor(
    private readonly title: string,
    private readonly api: StorageApi,
  ) {}

  /**
   * @param path with its query, from the root of the API
   * @throws StorageError
   */
  async get(path: string): Promise<unknown> {
    const options = (this.#options ??= await this.readFiles());
    const { text } = await withRetries(async () => {
      const answer = await this.exchange(path, options);
      if (answer.status < 200 || answer.status >= 300) {
        const refused = answer.status === 401 || answer.status === 403;
        const hint = refused ? ": it does not accept what it was shown" : "";
        const message = `${this.at} answered ${answer.status} to GET ${path}${hint}.`;
        throw new StorageError("answer", message, answer.status);
      }
      return answer;
    });
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw this.undocumented(path, "JSON");
    }
  }

  /** The error for an answer in another shape than the API documents. */
  undocumented(path: string, expected: string): StorageError {
    const message = `${this.at} answered GET ${path} with something else than ${expected}.`;
    return new StorageError("answer", message);
  }

  private get at(): string {
    return `${this.title} at ${this.api.url}`;
  }

  private async exchange(path: string, options: RequestOptions): ReturnType<typeof exchange> {
    try {
      return await exchange(new URL(this.api.url + path), options, TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof NoAnswer)) {
        throw error;
      }
      throw new StorageError("unreachable", `${this.at} ${error.message}.`);
    }
  }

  private async readFiles(): Promise<RequestOptions> {
    const { caFile, certFile, keyFile, tokenFile } = this.api;
    const [ca, cert, key, token] = await Promise.all(
      [caFile, certFile, keyFile, tokenFile].map((file) => this.readFile(file)),
    );
    const headers = {
      accept: "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token.trim()}` }),
    };
    return { ca, cert, key, headers };
  }

  private async readFile(path: string | undefined): Promise<string | undefined> {
    try {
      return path === undefined ? undefined : await readFile(path, "utf8");
    } catch (error) {
      const { code = "unreadable" } = error as NodeJS.ErrnoException;
      const message = `The file ${path ?? ""} that opens the API of ${this.title} cannot be read (${code}).`;
      throw new StorageError("configuration", message);
    }
  }
}
