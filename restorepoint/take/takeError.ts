/** The point is not complete, and what was taken for it is removed. */
export class TakeError extends Error {
  override readonly name = "TakeError";
}

/** @throws TakeError when somebody asked to stop */
export function requireGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    const { reason } = signal as { readonly reason: unknown };
    const lost = reason instanceof Error && reason.name !== "AbortError" ? reason.message : "";
    throw new TakeError(`It was interrupted.${lost === "" ? "" : ` ${lost}`}`);
  }
}
