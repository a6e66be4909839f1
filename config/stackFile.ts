import { basename } from "node:path";

import { type Problem, problemAt } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { nearest } from "./nearest";
import { namespaceProblems, ownKey } from "./ownKey";
import { readPlainFile } from "./plainFile";
import { ConfigurationError } from "./problems";
import { projectName } from "./projectRoot";
import { isList, isMap, type JsonMap, type JsonValue } from "./rawConfiguration";
import { readDifferently, type Edit, editYaml } from "./yamlEdit";
import { readYaml } from "./yamlText";

export type { Edit } from "./yamlEdit";
export { writeAtomically as writeStackFile } from "./atomicFile";

export interface StackFile {
  readonly path: string;
  /** As shown to people. */
  readonly file: string;
  readonly text: string;
  /** Values by key, without the namespace and without secrets. */
  readonly values: JsonMap;
  /** Sealed texts of secret keys. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Keys that are or hold secrets. */
  readonly secretKeys: readonly string[];
  /** State of the passphrase secrets provider; undefined where another provider seals. */
  readonly encryptionSalt: string | undefined;
  readonly secretsProvider: string | undefined;
  /** What is wrong with the file apart from the values. */
  readonly problems: readonly Problem[];
}

// Keys of a stack file beside `config`, as the CLI knows them.
const stackKeys = ["config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment"];

/**
 * @param shownAs - Path that problems name; the file's name when absent.
 * @throws ConfigurationError when the file cannot be read or is not YAML.
 */
export function readStackFile(path: string, shownAs: string = basename(path)): StackFile {
  return parseStackText(readText(path, shownAs), path, shownAs);
}

function readText(path: string, shownAs: string): string {
  try {
    return readPlainFile(path);
  } catch (error) {
    const message = `The file cannot be read: ${(error as Error).message}`;
    throw new ConfigurationError([problemAt("", message)], shownAs);
  }
}

/** Like {@link readStackFile}, of a text that was read already. */
export function parseStackText(source: string, path: string, shownAs: string): StackFile {
  const text = source.replace(/^\uFEFF/, "");
  const reading = readYaml(text);
  if (reading.value === undefined) {
    throw new ConfigurationError(reading.problems, shownAs);
  }
  const top = isMap(reading.value) ? reading.value : {};
  const config = isMap(top["config"]) ? top["config"] : {};
  const problems: Problem[] = [
    ...reading.problems,
    ...topProblems(reading.value),
    ...namespaceProblems(Object.keys(config)),
  ];
  const values: Record<string, JsonValue> = {};
  const secrets: Record<string, string> = {};
  const secretKeys: string[] = [];
  const spelled = new Map<string, string>();
  for (const [written, value] of Object.entries(config)) {
    const key = ownKey(written);
    if (key === undefined) {
      continue;
    }
    const other = spelled.get(key);
    if (other !== undefined) {
      const message = `is written twice, as ${other} and as ${written}`;
      problems.push(problemAt(key, message, "Keep one of the two"));
    }
    spelled.set(key, written);
    const sealed = sealedText(value);
    if (sealed !== undefined) {
      secrets[key] = sealed;
    }
    if (holdsSecret(value)) {
      secretKeys.push(key);
    } else {
      values[key] = value;
    }
  }
  return {
    path,
    file: shownAs,
    text,
    values,
    secrets,
    secretKeys,
    encryptionSalt: textOf(top["encryptionsalt"]),
    secretsProvider: textOf(top["secretsprovider"]),
    problems: [...problems, ...readDifferently(reading.document)],
  };
}

/** The file's text with values written into it, comments and order kept. */
export function editStackText(stackFile: Pick<StackFile, "text">, edits: readonly Edit[]): string {
  return edits.reduce((text, edit) => {
    const config = readYaml(text).value;
    const map = isMap(config) && isMap(config["config"]) ? config["config"] : undefined;
    const [key, ...rest] = edit.path;
    const written =
      Object.keys(map ?? {}).find((name) => ownKey(name) === key) ??
      `${projectName}:${String(key)}`;
    return editYaml(
      text,
      map === undefined
        ? [{ path: ["config"], value: { [written]: edit.value } }]
        : [{ path: ["config", written, ...rest], value: edit.value }],
    );
  }, stackFile.text);
}

function topProblems(value: JsonValue): Problem[] {
  if (!isMap(value) || !isMap(value["config"])) {
    const allowed = `Begin with the line config: and write the keys below it, e.g. ${projectName}:backend: linstor`;
    const missing = !isMap(value) || value["config"] === undefined;
    const message = missing ? "is missing" : "is not a map of keys";
    return [problemAt("config", message, allowed)];
  }
  return Object.keys(value)
    .filter((key) => !stackKeys.includes(key))
    .map((key) =>
      problemAt(
        key,
        "is not a key of a stack file",
        Object.hasOwn(siteSchema.properties, ownKey(key) ?? "") || key.includes(":")
          ? "Move it below config:"
          : `Did you mean ${nearest(key, stackKeys) ?? "a key below config"}?`,
      ),
    );
}

function sealedText(value: JsonValue): string | undefined {
  return isMap(value) && Object.keys(value).length === 1 ? textOf(value["secure"]) : undefined;
}

function holdsSecret(value: JsonValue): boolean {
  return (
    sealedText(value) !== undefined ||
    (isList(value) && value.some(holdsSecret)) ||
    (isMap(value) && Object.values(value).some(holdsSecret))
  );
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
