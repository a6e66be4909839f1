import { Lexer, LineCounter, parseDocument, Parser, type Document } from "yaml";

import { type Problem, problemAt } from "../planning/problem";
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
  if (isTooDeep(text)) {
    return { document: parseDocument(""), value: undefined, problems: [problemAt("", TOO_DEEP)] };
  }
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
    const alias = "An alias (*name) names no anchor, or aliases unfold without end";
    return { document, value: undefined, problems: [...problems, problemAt("", alias)] };
  }
}

/** Levels that no configuration has: whoever reads a value goes down in it by calls, the library too. */
const DEEPEST = 100;

const TOO_DEEP = `The text is nested more than ${DEEPEST} levels deep`;

/** Looks before a tree is made of it: at the end of its stack the process ends, and no error is left to tell. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it yields are whole documents, which are not needed.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > DEEPEST) {
      return true;
    }
  }
  return false;
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
