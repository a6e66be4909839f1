import { LineCounter, parseDocument, type Document } from "yaml";

import type { Problem } from "../planning/problem";
import type { JsonValue } from "./rawConfiguration";

/** A YAML text, read: what it says, and what is wrong with it as YAML. */
export interface YamlReading {
  readonly document: Document.Parsed;
  /** Undefined when the text is not YAML; duplicate keys alone leave it readable. */
  readonly value: JsonValue | undefined;
  readonly problems: readonly Problem[];
}

/** Reads a YAML text as the engine does: one document, `<<` merges, duplicate keys are errors, keys are text. */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
  });
  const problems = document.errors.map((error): Problem => {
    const [position] = error.pos;
    return {
      path: `line ${lines.linePos(position).line}`,
      value: undefined,
      ...explain(error.code, error.message, keyAt(text, position)),
    };
  });
  if (document.errors.some((error) => error.code !== "DUPLICATE_KEY")) {
    return { document, value: undefined, problems };
  }
  try {
    return { document, value: plain(document.toJS({ maxAliasCount: 100 })), problems };
  } catch {
    const problem = {
      path: "",
      value: undefined,
      message: "An alias (*name) names no anchor, or aliases unfold without end",
      allowed: undefined,
    };
    return { document, value: undefined, problems: [...problems, problem] };
  }
}

function explain(
  code: string,
  message: string,
  key: string | undefined,
): Pick<Problem, "message" | "allowed"> {
  switch (code) {
    case "DUPLICATE_KEY":
      return {
        message: key === undefined ? "has a key twice" : `has the key ${key} a second time`,
        allowed: "Keep one of the two",
      };
    case "TAB_AS_INDENT":
      return { message: "is indented with a tab", allowed: "Indent with blanks" };
    case "MULTIPLE_DOCS":
      return { message: "begins a second document", allowed: "Write one document in a file" };
    default:
      // The library quotes the text it stumbled over, which may be anything.
      return { message: `is not YAML: ${message.replace(/: ".*$/s, "")}`, allowed: undefined };
  }
}

function keyAt(text: string, position: number): string | undefined {
  return /^["']?([^\s"'#{}[\],]+?)["']?\s*:(?:\s|$)/.exec(
    text.slice(position, position + 300),
  )?.[1];
}

/** What JSON can say of a YAML value; a value of another kind becomes its text. */
function plain(value: unknown): JsonValue {
  if (value === null || value === undefined) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  if (typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}
