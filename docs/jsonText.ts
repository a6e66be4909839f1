import type { JsonValue } from "../config/rawConfiguration";

const width = 100;

/** JSON as the formatter of this repository writes it: a list on one line where it fits. */
export function jsonText(value: JsonValue): string {
  return `${print(value, 0, 0)}\n`;
}

function print(value: JsonValue, depth: number, before: number): string {
  const indent = "  ".repeat(depth + 1);
  const end = "  ".repeat(depth);
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    const line = `[${list.map((item) => JSON.stringify(item)).join(", ")}]`;
    const isFlat = list.every((item) => typeof item !== "object" || item === null);
    // One column for the comma that may follow.
    if (list.length === 0 || (isFlat && end.length + before + line.length + 1 <= width)) {
      return line;
    }
    return `[\n${list.map((item) => indent + print(item, depth + 1, 0)).join(",\n")}\n${end}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return entries.length === 0
      ? "{}"
      : `{\n${entries
          .map(([key, inner]) => {
            const name = `${JSON.stringify(key)}: `;
            return indent + name + print(inner as JsonValue, depth + 1, name.length);
          })
          .join(",\n")}\n${end}}`;
  }
  return JSON.stringify(value);
}
