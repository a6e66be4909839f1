import { oneLine, SystemError } from "../error";

/** An error of a vCenter in one sentence; never with the password or a request in it. */
export class VcenterError extends SystemError {
  override readonly name = "VcenterError";
}

/** The error for a fault of a call or a task. */
export function faultError(
  action: string,
  fault: string | undefined,
  message: string,
): VcenterError {
  const named = fault === undefined ? "" : ` (${fault})`;
  const why = oneLine(message) || "it gives no reason";
  const sentence = `${action}: vCenter refused: ${why}${named}.`;
  return new VcenterError("answer", sentence, undefined, fault);
}
