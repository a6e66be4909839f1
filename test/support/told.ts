import { deepEqual } from "node:assert/strict";

/** Stands between the parts of an expected text that are compared. */
const ELLIPSIS = " … ";

/**
 * Compares what is told of problems without holding their sentences: an expected text is the beginning of the told one
 * (key and value, or severity and check), then, after ` … `, further parts that follow in this order (a number, a name,
 * a rule).
 *
 * @throws AssertionError that shows the whole told text where it does not hold the expected parts
 */
export function assertTold(told: readonly string[], expected: readonly string[]): void {
  deepEqual(
    told.map((text, index) => (holds(text, expected[index]) ? expected[index] : text)),
    expected,
  );
}

function holds(text: string, expected = ""): boolean {
  const [first = "", ...parts] = expected.split(ELLIPSIS);
  if (first === "" || !text.startsWith(first)) {
    return false;
  }
  let from = first.length;
  return parts.every((part) => {
    const at = text.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}
