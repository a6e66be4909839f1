import { projectName } from "../config/projectRoot";
import type { JsonMap, JsonValue } from "../config/rawConfiguration";
import { neededKeys, type SchemaNode } from "../config/schemaNode";

const dialect = "http://json-schema.org/draft-07/schema#";

/** JSON schema of a whole stack file, for editors: the keys with their namespace, secrets sealed. */
export function stackFileSchema(site: SchemaNode): JsonMap {
  const keys = Object.entries(site.properties ?? {}).map(([key, node]): [string, JsonValue] => [
    `${projectName}:${key}`,
    node.secret === true ? sealed(node) : plain(node),
  ]);
  return {
    $schema: dialect,
    title: "Stack file of atom-backup",
    type: "object",
    required: ["config"],
    properties: {
      config: {
        description: site.description ?? "",
        type: "object",
        required: neededKeys(site).map((key) => `${projectName}:${key}`),
        properties: Object.fromEntries(keys),
        // Keys of other programs are theirs.
        patternProperties: { [`^(?!${projectName}:)[^:]+:`]: {} },
        additionalProperties: false,
      },
      encryptionsalt: { description: "State of the passphrase secrets provider.", type: "string" },
      encryptedkey: { description: "State of another secrets provider.", type: "string" },
      secretsprovider: { description: "The secrets provider.", type: "string" },
      environment: { description: "Environments to take values from." },
    },
    additionalProperties: false,
  };
}

/** JSON schema of a restore point file, for editors. */
export function pointEditorSchema(point: SchemaNode): JsonMap {
  return { $schema: dialect, title: "Restore point of atom-backup", ...plain(point) };
}

function sealed(node: SchemaNode): JsonMap {
  return {
    description: node.description ?? "",
    type: "object",
    required: ["secure"],
    properties: { secure: { description: "The sealed value.", type: "string" } },
    additionalProperties: false,
  };
}

/** A node without our annotations; what they say goes into the description. */
function plain(node: SchemaNode): JsonMap {
  const { form, unit, secret, description, ...rest } = node;
  const allowed = form === undefined ? "" : ` Allowed: ${form}.`;
  const measured = unit === undefined ? "" : ` In ${unit}.`;
  return { description: `${description ?? ""}${measured}${allowed}`, ...children(rest) };
}

function children(node: SchemaNode): JsonMap {
  const { anyOf, items, properties, additionalProperties: free, required, ...rest } = node;
  const needed = neededKeys(node);
  // What is left is JSON; the kinds that TypeBox adds are symbols.
  return {
    ...(rest as JsonMap),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(plain) }),
    ...(items === undefined ? {} : { items: plain(items) }),
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, child]) => [key, plain(child)]),
          ),
        }),
    ...(free === undefined
      ? {}
      : { additionalProperties: typeof free === "object" ? plain(free) : free }),
  };
}
