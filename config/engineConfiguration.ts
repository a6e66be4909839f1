import { secretKeys, siteSchema } from "../planning/schema/site";
import { projectName } from "./projectRoot";
import type { JsonMap, JsonValue, RawConfiguration } from "./rawConfiguration";
import { childNode, presetOf } from "./schemaNode";

/** A configuration as the engine hands it to the program: every value one text. */
export interface EngineConfiguration {
  /** Text by key with namespace, e.g. `atom-backup:replicationFactor` to `3`. */
  readonly config: Record<string, string>;
  /** Keys with namespace whose texts are secrets. */
  readonly secretKeys: string[];
}

/** Stands for a secret that a run does not need, so that it is not opened. */
const secretPlaceholder = "[secret]";

/**
 * What the engine would hand to the program for a stack: scalars as text, maps and lists as JSON, the defaults of
 * Pulumi.yaml for absent keys.
 *
 * @param secrets - Opened secrets by key; each one that is absent is given as a placeholder.
 */
export function engineConfiguration(
  raw: Pick<RawConfiguration, "values">,
  secrets: Readonly<Record<string, string>> = {},
): EngineConfiguration {
  const texts = Object.entries({ ...projectDefaults(), ...raw.values })
    .filter(([key]) => !secretKeys.includes(key))
    .map(([key, value]) => [key, engineText(value)]);
  const sealed = secretKeys.map((key) => [key, secrets[key] ?? secretPlaceholder]);
  return {
    config: Object.fromEntries(
      [...texts, ...sealed].map(([key, text]) => [`${projectName}:${String(key)}`, String(text)]),
    ),
    secretKeys: secretKeys.map((key) => `${projectName}:${key}`),
  };
}

/** Defaults that Pulumi.yaml declares: those of scalars. */
export function projectDefaults(): JsonMap {
  return Object.fromEntries(
    Object.entries(siteSchema.properties).flatMap(([key, node]) => {
      const preset = presetOf(node);
      return preset !== undefined && typeof preset !== "object" ? [[key, preset]] : [];
    }),
  );
}

/** The text that the engine makes of a value. */
function engineText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The values that texts of the engine stand for: the counterpart of {@link engineText}. */
export function valuesOf(texts: Readonly<Record<string, string>>): JsonMap {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]): [string, JsonValue] => {
      const { type = "object" } = childNode(siteSchema, key) ?? {};
      const structured = type === "object" || type === "array";
      return [key, structured ? parsed(text) : text];
    }),
  );
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
