import type { Status } from "../../site/status/status";
import { statusTexts } from "../../site/status/words";
import { tableLines } from "./answer";

/** The screen, a line each. */
export function statusLines(status: Status): string[] {
  return tableLines(statusTexts(status));
}
