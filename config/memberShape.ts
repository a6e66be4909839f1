import type { Problem } from "../planning/problem";
import { isList, isMap, type JsonMap, type JsonValue } from "./rawConfiguration";
import { memberKeys } from "./schema/pointMember";

const marks: readonly string[] = ["kind", "lost", "expiredAt"];

/** Keys that a member lacks or must not have by its kind: what the form of a member alone cannot say. */
export function memberProblems(document: JsonValue): readonly Problem[] {
  const members = isMap(document) ? document["members"] : undefined;
  return (isList(members) ? members : []).flatMap((member, position) =>
    isMap(member) ? keyProblems(member, `members[${position}]`) : [],
  );
}

function keyProblems(member: JsonMap, path: string): readonly Problem[] {
  const kind = member["kind"] ?? "virtualMachine";
  if (!isKind(kind)) {
    return [];
  }
  const { required, optional } = memberKeys[kind];
  const allowed: readonly string[] = [...required, ...optional];
  const known = new Set(
    Object.values(memberKeys).flatMap((keys) => [...keys.required, ...keys.optional]),
  );
  const missing = required.filter((key) => member[key] === undefined);
  // A key of no kind at all is reported by the form.
  const foreign = Object.keys(member).filter(
    (key) => (known as Set<string>).has(key) && !allowed.includes(key) && !marks.includes(key),
  );
  return [
    ...missing.map((key) => ({
      path: `${path}.${key}`,
      value: undefined,
      message: "is missing",
      allowed: `A member of kind ${kind} has ${allowed.join(", ")}`,
    })),
    ...foreign.map((key) => ({
      path: `${path}.${key}`,
      value: JSON.stringify(member[key]),
      message: `belongs to no member of kind ${kind}`,
      allowed: `A member of kind ${kind} has ${allowed.join(", ")}`,
    })),
  ];
}

function isKind(kind: JsonValue): kind is keyof typeof memberKeys {
  return typeof kind === "string" && Object.hasOwn(memberKeys, kind);
}
