import { FormatRegistry, Type, type StringOptions, type TString } from "@sinclair/typebox";

import { isCron, isTimeZone } from "../cron";
import { list, text } from "./node";

// Forms that Kubernetes and vSphere accept, each written once. Patterns are anchored and free of nested repetition
// over the same letters, so that no input makes them slow.

const dnsLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

const subdomain = (maxLength: number): StringOptions => ({
  pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  minLength: 1,
  maxLength,
  form: `small letters, digits, "-" and ".", beginning and ending with a letter or digit, at most ${maxLength} characters`,
});

/** Name of most Kubernetes objects (RFC 1123 subdomain). */
export const objectName = subdomain(253);

/** Name of a namespace (RFC 1123 label). */
export const namespaceName: StringOptions = {
  pattern: `^${dnsLabel}$`,
  minLength: 1,
  maxLength: 63,
  form: 'small letters, digits and "-", beginning and ending with a letter or digit, at most 63 characters',
};

/** A value that a label carries. */
export const labelValue: StringOptions = {
  pattern: "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
  minLength: 1,
  maxLength: 63,
  form: 'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters',
};

/** Key of a label, with or without a prefix. */
export const labelKey: StringOptions = {
  pattern: `^(${dnsLabel}(\\.${dnsLabel})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`,
  minLength: 1,
  maxLength: 317,
  form: "a label key such as topology.kubernetes.io/zone",
};

/**
 * Name of a restore point: a file name, a label value and a part of the names of Kubernetes objects and of vSphere
 * snapshots at once, so it has the narrowest form of these.
 */
export const pointName = subdomain(63);

/** UUID as vSphere and Kubernetes print it. */
export const uuid: StringOptions = {
  pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
  form: "a UUID such as 42100000-0000-4000-8000-0000000000a1",
};

/** Point in time, RFC 3339. */
export const dateTime: StringOptions = {
  format: "date-time",
  form: "an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z",
};

const dateTimeForm =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is an RFC 3339 date-time with a zone, and a moment that exists. */
function isDateTime(value: string): boolean {
  const [, day, time] = dateTimeForm.exec(value) ?? [];
  if (day === undefined || time === undefined) {
    return false;
  }
  // Date rolls 30 February over to March; a moment that comes back changed does not exist.
  const moment = new Date(`${day}T${time}Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === `${day}T${time}.000Z`;
}

/** When something begins, again and again. */
export const cronExpression: StringOptions = {
  format: "cron",
  maxLength: 200,
  form: "five fields that some day has, such as 30 2 * * 6",
};

/** The same without the additions that Kubernetes and Velero do not know: `L`, `W`, `#`, and 7 for Sunday. */
export const plainCron: StringOptions = {
  ...cronExpression,
  pattern: "^\\s*([-0-9*/,]+\\s+){3}([-0-9*/,]|[A-Za-z]{3})+\\s+([-0-6*/,]|[A-Za-z]{3})+\\s*$",
  form: "five fields that some day has, such as 30 2 * * 6, without L, W, # and 7",
};

export const timeZone: StringOptions = {
  format: "time-zone",
  maxLength: 64,
  form: "an IANA time zone such as Europe/Oslo",
};

/** A day of the calendar, or several in a row. */
export const calendarDays: StringOptions = {
  format: "days",
  form: "a day such as 2031-12-24, or the first and the last such as 2031-12-20/2032-01-02",
};

/** Whether a text is a day that exists, or two of them in their order. */
function isDays(text: string): boolean {
  const [first = "", last = first, ...more] = text.split("/");
  const exist = [first, last].every((day) => isDateTime(`${day}T00:00:00Z`));
  return exist && first <= last && more.length === 0;
}

/** What the formats that schemas name accept. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": isDateTime,
  cron: isCron,
  "time-zone": isTimeZone,
  days: isDays,
};
for (const [name, accepts] of Object.entries(formats)) {
  FormatRegistry.Set(name, accepts);
}

/** A length of time. */
export const span: StringOptions = {
  pattern: "^[1-9][0-9]{0,4}[mhd]$",
  form: "minutes, hours or days such as 30m, 24h or 7d",
};

/** Text that a person writes; no line breaks or other control characters. */
export const words: StringOptions = {
  pattern: "^[^\\u0000-\\u001f\\u007f]*$",
  minLength: 1,
  maxLength: 500,
  form: "one line of text, at most 500 characters",
};

/** Name of a host or a datastore in vCenter's inventory. */
export const inventoryName: StringOptions = {
  pattern:
    "^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f])?$",
  minLength: 1,
  maxLength: 255,
  form: "the name that vCenter shows, one line without blanks around it, at most 255 characters",
};

/** Path of a folder, relative to the project or absolute. */
export const folder: StringOptions = {
  pattern: "^[^\\u0000-\\u001f\\u007f]*$",
  minLength: 1,
  maxLength: 1024,
  form: "the path of a folder, relative to the project or absolute",
};

/** Reference of a container image; the site's own registry, so no default. */
export const image: StringOptions = {
  pattern: "^[A-Za-z0-9][-A-Za-z0-9._/:@]*$",
  minLength: 1,
  maxLength: 512,
  form: "an image reference such as registry.example/tools/shell:1.0",
};

/** One value of a backend's options; the backend's allow-list says more. */
export const optionValue = Type.Union(
  [
    text("Text."),
    Type.Integer({ description: "Whole number." }),
    Type.Boolean({ description: "Switch." }),
    list("Texts.", text("Text.")),
  ],
  {
    description:
      "Text, whole number, true, false or a list of texts, as the backend's option asks.",
    form: "text, a whole number, true, false or a list of texts",
  },
);

/** A file or folder of a node. */
export const absolutePath: StringOptions = {
  ...words,
  pattern: "^/[^\\u0000-\\u001f\\u007f]*$",
  form: "an absolute path on the node",
};

export function hostPath(description: string): TString {
  return text(description, absolutePath);
}
