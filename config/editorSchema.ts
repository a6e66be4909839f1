import { projectName } from "./projectRoot";
import type { JsonMap, JsonValue } from "./rawConfiguration";
import type { MapNode, SchemaNode } from "./schema/node";

const dialect = "http://json-schema.org/draft-07/schema#";

/** JSON schema of a whole stack file, for editors: the keys with their namespace, secrets sealed. */
export function stackFileSchema(site: MapNode): JsonMap {
  const keys = Object.entries(site.properties).map(([key, node]): [string, JsonValue] => [
    `${projectName}:${key}`,
    "secret" in node ? sealed(node) : plain(node),
  ]);
  return {
    $schema: dialect,
    title: "Stack file of atom-backup",
    type: "object",
    required: ["config"],
    properties: {
      config: {
        description: site.description,
        type: "object",
        required: (site.required ?? []).map((key) => `${projectName}:${key}`),
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
export function pointFileSchema(point: MapNode): JsonMap {
  return { $schema: dialect, title: "Restore point of atom-backup", ...plain(point) };
}

function sealed(node: SchemaNode): JsonMap {
  return {
    description: node.description,
    type: "object",
    required: ["secure"],
    properties: { secure: { description: "The sealed value.", type: "string" } },
    additionalProperties: false,
  };
}

/** A node without our annotations; what they say goes into the description. */
function plain(node: SchemaNode): JsonMap {
  const { form, unit, secret, description, ...rest } = node as SchemaNode & Annotations;
  const allowed = form === undefined ? "" : ` Allowed: ${form}.`;
  const measured = unit === undefined ? "" : ` In ${unit}.`;
  const told = `${description}${measured}${secret === true ? " Secret." : ""}${allowed}`;
  return { description: told, ...(children(rest as SchemaNode) as JsonMap) };
}

interface Annotations {
  readonly form?: string;
  readonly unit?: string;
  readonly secret?: true;
}

function children(node: SchemaNode): object {
  if ("anyOf" in node) {
    return { ...node, anyOf: node.anyOf.map(plain) };
  }
  if (node.type === "array") {
    return { ...node, items: plain(node.items) };
  }
  if (node.type === "object") {
    const properties = Object.entries(node.properties).map(([key, child]) => [key, plain(child)]);
    return {
      ...node,
      properties: Object.fromEntries(properties) as JsonMap,
      additionalProperties:
        node.additionalProperties === false ? false : plain(node.additionalProperties),
    };
  }
  return node;
}
