import { type DriftContext, vmName } from "../drift/context";
import { describeResource } from "../drift/resources";
import type { Finding } from "../drift/types";
import type { StackResource } from "../engine/stackState";
import { listed } from "../planning/words";

/** What `adopt` or `down` would do with one object. */
export type ActionKind = "same" | "import" | "delete" | "removeFromState" | "blocked" | "unknown";

export interface Action extends Pick<
  Finding,
  "urn" | "type" | "object" | "changes" | "reason" | "command" | "id"
> {
  readonly kind: ActionKind;
}

/** What is said of an object beyond what it is. */
export type ActionText = Pick<Action, "kind" | "reason"> &
  Partial<Pick<Action, "changes" | "command" | "id">>;

export function action(
  context: DriftContext,
  { urn, type, inputs }: Pick<StackResource, "urn" | "type" | "inputs">,
  text: ActionText,
): Action {
  const object = describeResource(type, inputs, (uuid) => vmName(context, uuid));
  return { changes: [], command: undefined, id: undefined, ...text, urn, type, object };
}

export function isStopped(actions: readonly Action[]): boolean {
  return actions.some(({ kind }) => kind === "blocked" || kind === "unknown");
}

/**
 * What was confirmed is still what would be done.
 *
 * @throws Error naming the objects about which something else would be done now
 */
export function requireSame(confirmed: readonly Action[], now: readonly Action[]): void {
  const text = (one: Action): string => JSON.stringify(one);
  const [known, again] = [new Set(confirmed.map(text)), new Set(now.map(text))];
  const moved = [
    ...now.filter((one) => !known.has(text(one))),
    ...confirmed.filter((one) => !again.has(text(one))),
  ];
  if (moved.length > 0) {
    const objects = listed([...new Set(moved.map(({ object }) => object))]);
    throw new Error(
      `Between preview and apply something else changed ${objects}; nothing was applied. ` +
        "Run the command again and look at the new preview.",
    );
  }
}
