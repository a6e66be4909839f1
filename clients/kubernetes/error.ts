import { oneLine, SystemError } from "../error";

/** An error of a cluster in one sentence; never with a token or a header in it. */
export class ClusterError extends SystemError {
  override readonly name = "ClusterError";
}

/** Whether another writer was faster and the change has to be made again on what is there now. */
export function isConflict(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 409 && error.reason === "Conflict";
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ClusterError && error.reason === "AlreadyExists";
}

/** The error for an answer other than 2xx, whose text is a `Status`, a proxy's page, or nothing. */
export function answerError(
  action: string,
  server: string,
  status: number,
  text: string,
): ClusterError {
  let answer: { readonly message?: unknown; readonly reason?: unknown } = {};
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    // The number alone has to do.
  }
  const why = typeof answer.message === "string" ? oneLine(answer.message) : "";
  const sentence =
    status === 401
      ? `The API server at ${server} does not accept the credentials of the kubeconfig (401).`
      : `${action}: the API server answered ${status}${why === "" ? "" : `: ${why}`}.`;
  const reason = typeof answer.reason === "string" ? answer.reason : undefined;
  return new ClusterError("answer", sentence, status, reason);
}
