import { isIP } from "node:net";

/**
 * What went wrong with a cluster.
 * - `configuration`: the kubeconfig, its context or its credentials' files are wrong or missing
 * - `unreachable`: no answer: refused, timed out, unknown host, untrusted certificate
 * - `answer`: the API server answered with an error; `status` says which
 * - `notServed`: the API server does not know the kind, its CRD is not installed
 */
export type ClusterFailure = "configuration" | "unreachable" | "answer" | "notServed";

/** An error of a cluster in one sentence; never with a token or a header in it. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";

  constructor(
    readonly failure: ClusterFailure,
    message: string,
    /** HTTP status of an `answer`. */
    readonly status?: number,
    /** The API server's reason, e.g. `AlreadyExists`. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

/** The part of a Kubernetes `Status` object that is used. */
interface ApiStatus {
  readonly message?: unknown;
  readonly reason?: unknown;
}

/** The error for an answer other than 2xx. */
export function answerError(
  action: string,
  server: string,
  status: number,
  text: string,
): ClusterError {
  const { message, reason } = parseStatus(text);
  const why = message === undefined ? "" : `: ${message.replace(/\s+/g, " ").replace(/\.$/, "")}`;
  if (status === 401) {
    const sentence = `The API server at ${server} does not accept the credentials of the kubeconfig (401).`;
    return new ClusterError("answer", sentence, status, reason);
  }
  return new ClusterError(
    "answer",
    `${action}: the API server answered ${status}${why}.`,
    status,
    reason,
  );
}

function parseStatus(text: string): { message: string | undefined; reason: string | undefined } {
  try {
    const { message, reason } = JSON.parse(text) as ApiStatus;
    return {
      message: typeof message === "string" && message !== "" ? message : undefined,
      reason: typeof reason === "string" ? reason : undefined,
    };
  } catch {
    // Not a Status: a proxy's page, or nothing. The number alone has to do.
    return { message: undefined, reason: undefined };
  }
}

/** The error for a request that got no answer. */
export function unreachableError(server: string, error: unknown, timeoutMs: number): ClusterError {
  const sentence = `The API server at ${server} ${describeSilence(server, error, timeoutMs)}.`;
  return new ClusterError("unreachable", sentence);
}

function describeSilence(server: string, error: unknown, timeoutMs: number): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT") {
    return `did not answer within ${timeoutMs / 1000} s`;
  }
  switch (code) {
    case "ECONNREFUSED":
      return "refuses connections: nothing listens there";
    case "ECONNRESET":
    case "EPIPE":
      return "closed the connection without an answer";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `cannot be found: the name ${new URL(server).hostname} does not resolve`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `cannot be reached: no route to ${isIP(new URL(server).hostname) === 0 ? "the host" : "it"}`;
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_SIGNATURE_FAILURE":
      return "shows a certificate that the kubeconfig's certificate-authority has not signed: it may be another cluster";
    case "CERT_HAS_EXPIRED":
      return "shows a certificate that has expired";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "shows a certificate for another host name";
    default:
      return `cannot be reached: ${(message ?? String(error)).replace(/\s+/g, " ")}`;
  }
}
