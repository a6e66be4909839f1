/**
 * What went wrong with a vCenter.
 * - `unreachable`: no answer: refused, timed out, unknown host
 * - `certificate`: it shows a certificate that nobody known here has signed
 * - `login`: user or password are not accepted
 * - `fault`: it answered with a fault; `fault` names its type
 * - `timeout`: a task did not end within its time
 */
export type VcenterFailure = "unreachable" | "certificate" | "login" | "fault" | "timeout";

/** An error of a vCenter in one sentence; never with the password or a request in it. */
export class VcenterError extends Error {
  override readonly name = "VcenterError";

  constructor(
    readonly failure: VcenterFailure,
    message: string,
    /** Type of the fault, e.g. `NoPermission`, `TaskInProgress`. */
    readonly fault?: string,
  ) {
    super(message);
  }
}

/** The error for a fault of a call or a task. */
export function faultError(
  action: string,
  fault: string | undefined,
  message: string,
): VcenterError {
  const text = message.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  const named = fault === undefined ? "" : ` (${fault})`;
  const why = text === "" ? "it gives no reason" : text;
  return new VcenterError("fault", `${action}: vCenter refused: ${why}${named}.`, fault);
}
