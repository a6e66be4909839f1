import type { ChoiceNode, TextNode } from "./node";

// Forms that Kubernetes and vSphere accept, each written once. Patterns are anchored and free of nested repetition
// over the same letters, so that no input makes them slow.

const dnsLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/** Name of most Kubernetes objects (RFC 1123 subdomain). */
export const objectName = {
  type: "string",
  pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  minLength: 1,
  maxLength: 253,
  form: 'small letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 253 characters',
} as const;

/** Name of a namespace (RFC 1123 label). */
export const namespaceName = {
  type: "string",
  pattern: `^${dnsLabel}$`,
  minLength: 1,
  maxLength: 63,
  form: 'small letters, digits and "-", beginning and ending with a letter or digit, at most 63 characters',
} as const;

/** A value that a label carries. */
export const labelValue = {
  type: "string",
  pattern: "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
  minLength: 1,
  maxLength: 63,
  form: 'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters',
} as const;

/** Key of a label, with or without a prefix. */
export const labelKey = {
  type: "string",
  pattern: `^(${dnsLabel}(\\.${dnsLabel})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`,
  minLength: 1,
  maxLength: 317,
  form: "a label key such as topology.kubernetes.io/zone",
} as const;

/**
 * Name of a restore point: a file name, a label value and a part of the names of Kubernetes objects and of vSphere
 * snapshots at once, so it has the narrowest form of these.
 */
export const pointName = {
  type: "string",
  pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  minLength: 1,
  maxLength: 63,
  form: 'small letters, digits, "-" and ".", beginning and ending with a letter or digit, at most 63 characters',
} as const;

/** UUID as vSphere and Kubernetes print it. */
export const uuid = {
  type: "string",
  pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
  form: "a UUID such as 42100000-0000-4000-8000-0000000000a1",
} as const;

/** Point in time, RFC 3339. */
export const dateTime = {
  type: "string",
  format: "date-time",
  form: "an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z",
} as const;

/** Text that a person writes; no line breaks or other control characters. */
export const words = {
  type: "string",
  pattern: "^[^\\u0000-\\u001f\\u007f]*$",
  minLength: 1,
  maxLength: 500,
  form: "one line of text, at most 500 characters",
} as const;

/** Name of a host or a datastore in vCenter's inventory. */
export const inventoryName = {
  type: "string",
  pattern:
    "^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f])?$",
  minLength: 1,
  maxLength: 255,
  form: "the name that vCenter shows, one line without blanks around it, at most 255 characters",
} as const;

/** Path of a folder, relative to the project or absolute. */
export const folder = {
  type: "string",
  pattern: "^[^\\u0000-\\u001f\\u007f]*$",
  minLength: 1,
  maxLength: 1024,
  form: "the path of a folder, relative to the project or absolute",
} as const;

/** One value of a backend's options; the backend's allow-list says more. */
export const optionValue: ChoiceNode = {
  description: "Text, whole number, true, false or a list of texts, as the backend's option asks.",
  anyOf: [
    { description: "Text.", type: "string" },
    { description: "Whole number.", type: "integer" },
    { description: "Switch.", type: "boolean" },
    {
      description: "Texts.",
      type: "array",
      items: { description: "Text.", type: "string" } satisfies TextNode,
    },
  ],
  form: "text, a whole number, true, false or a list of texts",
};
