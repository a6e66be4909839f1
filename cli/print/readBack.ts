import type { ReadBack } from "../../operations/readback/readBack";

/** Lines for people about what is there now, read from the API server and vCenter. */
export function readBackLines(found: ReadBack): string[] {
  return found.cannotTell.map((why) => `cannot tell: ${why}`);
}
