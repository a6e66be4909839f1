import { Type, type TProperties } from "@sinclair/typebox";

import { dateTime } from "./forms";
import { choice, map, text, whole } from "./node";

// Forms of the catalog's record. Only programs write it, so it has no descriptions; maps are closed, so that nothing
// secret gets in by accident, and nothing that a newer program wrote is lost by an older one.

export const word = text("");
/** RFC 3339. */
export const time = text("", dateTime);
export const count = whole("", { maximum: Number.MAX_SAFE_INTEGER });
export const amount = Type.Number();
export const outcome = choice("", ["done", "failed", "skipped", "undone"]);

export function record<Properties extends TProperties>(
  properties: Properties,
): ReturnType<typeof map<Properties>> {
  return map("", properties);
}
