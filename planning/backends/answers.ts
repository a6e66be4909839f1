import { valueIn } from "../valueAt";

type PlainRecord = Readonly<Record<string, unknown>>;

/** Reads of values that come from another system: whatever is not as documented reads as absent, and never throws. */
export function recordAt(value: unknown, ...path: readonly string[]): PlainRecord {
  const found = valueIn(value, path);
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as PlainRecord)
    : {};
}

/** Empty where there is no text. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueIn(value, path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueIn(value, path);
  return typeof found === "number" ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueIn(value, path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((item) => typeof item === "string");
}

/** Items by a text of theirs; those without it are left out. */
export function groupBy(
  items: readonly unknown[],
  keyOf: (item: unknown) => string,
): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== "") {
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, [item]);
      } else {
        group.push(item);
      }
    }
  }
  return groups;
}

/** Whether an object of Kubernetes has a condition that is true. */
export function hasCondition(object: unknown, type: string): boolean {
  return listAt(object, "status", "conditions").some(
    (condition) => textAt(condition, "type") === type && textAt(condition, "status") === "True",
  );
}

/** Whether a Kubernetes node reports Ready. */
export function isReadyNode(node: unknown): boolean {
  return hasCondition(node, "Ready");
}
