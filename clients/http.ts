import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import type { RequestOptions } from "node:https";
import { request as httpsRequest } from "node:https";

import { oneLine } from "./error";

/** More than a page of 500 Secrets has; what is larger is no answer to our questions. */
const MOST_BYTES = 512 * 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** There was no answer; the message goes on after the name of the system: `refuses connections: …`. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    /** What is wrong with the certificate that was shown; undefined when it is something else. */
    readonly certificate: string | undefined,
  ) {
    super(message);
  }
}

/** Milliseconds since 1970 at which the answers to what runs have to be there. */
const deadlines = new AsyncLocalStorage<number>();

/** Gives all that is asked during some work, of whatever system, so much time together. */
export function answeredWithin<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  return deadlines.run(Date.now() + milliseconds, work);
}

/**
 * Sends one request, once; a question again that a server did not read, as it closed the kept connection just then.
 *
 * @param options method, headers, TLS and agent
 * @param longestMs until the last byte of the answer; less where what runs has less time left
 * @throws NoAnswer
 */
export async function exchange(
  url: URL,
  options: RequestOptions,
  longestMs: number,
  body?: string,
): Promise<HttpAnswer> {
  const timeoutMs = Math.min(longestMs, (deadlines.getStore() ?? Infinity) - Date.now());
  if (timeoutMs <= 0) {
    throw new NoAnswer("answers too slowly: the time of this command is up", undefined);
  }
  const send = url.protocol === "http:" ? httpRequest : httpsRequest;
  const headers = {
    "user-agent": "atom-backup",
    ...options.headers,
    ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (error: unknown): void =>
      reject(noAnswer(signal.aborted ? { code: "ETIMEDOUT" } : error, url, timeoutMs));
    const outgoing = send(url, { ...options, headers, signal }, (incoming) => {
      collect(incoming).then(resolve, fail);
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      if (options.method === "GET" && outgoing.reusedSocket && error.code === "ECONNRESET") {
        resolve(exchange(url, options, longestMs, body));
      } else {
        fail(error);
      }
    });
    outgoing.end(body);
  });
}

async function collect(incoming: IncomingMessage): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_BYTES) {
      throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    }
    parts.push(part as Buffer);
  }
  const { statusCode = 0, headers } = incoming;
  return { status: statusCode, headers, text: Buffer.concat(parts).toString("utf8") };
}

function noAnswer(error: unknown, { hostname }: URL, timeoutMs: number): NoAnswer {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  const said = words[code]
    ?.replace("HOST", hostname)
    .replace("TIME", `${Math.round(timeoutMs / 100) / 10} s`);
  return new NoAnswer(
    said ?? `cannot be reached: ${oneLine(message)}`,
    /CERT|SIGNATURE/.test(code) ? oneLine(message) : undefined,
  );
}

const CLOSED = "closed the connection without an answer";
const UNKNOWN_NAME = "cannot be found: the name HOST does not resolve";
const NO_ROUTE = "cannot be reached: there is no route to it";
const UNSIGNED =
  "shows a certificate that the given certificate authority has not signed: it may be another server";

/** What is said of Node's error codes. */
const words: Readonly<Record<string, string>> = {
  ETIMEDOUT: "did not answer within TIME",
  ECONNREFUSED: "refuses connections: nothing listens there",
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  SELF_SIGNED_CERT_IN_CHAIN: UNSIGNED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNSIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT: UNSIGNED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNSIGNED,
  CERT_SIGNATURE_FAILURE: UNSIGNED,
  CERT_HAS_EXPIRED: "shows a certificate that has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "shows a certificate for another host name",
};
