import { createHash } from "node:crypto";

/** Most characters of a name: a Kubernetes label value, a Kubernetes object name, a name in vSphere. */
export const NAME_LIMITS = { label: 63, object: 253, vsphere: 80 } as const;

const HASH_LENGTH = 10;

/** Short stable hash of a text: lower-case hexadecimal, 10 characters. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}

/** The text itself where it fits, else its beginning and a hash of all of it: never longer than `limit`. */
export function takenName(text: string, limit: number): string {
  return text.length <= limit ? text : withHash(text, text, limit);
}

/** Labels of every object that the program declares: selection and ownership go by them, never by name. */
export function labels(stack: string): Record<string, string> {
  return {
    "app.kubernetes.io/managed-by": "atom-backup",
    "app.kubernetes.io/part-of": "atom",
    "atom-backup/stack": labelValue(stack),
  };
}

/** A text as a label value: itself where Kubernetes accepts it, else what is left of it and a hash. */
export function labelValue(text: string): string {
  if (text.length <= NAME_LIMITS.label && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text)) {
    return text;
  }
  const kept = text.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return withHash(kept === "" ? "x" : kept, text, NAME_LIMITS.label);
}

/**
 * Name of a point's VM snapshots: `atom.<stack>.<point>`. Stack and point may both hold dots, so a stack that does
 * gets a hash of the pair behind an underscore, which no point name can hold: two pairs never share a name.
 * Characters that vSphere escapes or refuses are replaced, again with the hash.
 */
export function snapshotName(stack: string, point: string): string {
  const plain = `atom.${stack}.${point}`;
  const safe = plain.replace(/[^A-Za-z0-9._-]+/g, "-");
  const unambiguous = /^[A-Za-z0-9_-]+$/.test(stack) && /^[A-Za-z0-9.-]+$/.test(point);
  return unambiguous && plain.length <= NAME_LIMITS.vsphere
    ? plain
    : withHash(safe, JSON.stringify([stack, point]), NAME_LIMITS.vsphere, "_");
}

/** Name of the Pulumi resource of a VM snapshot; part of its URN, so it never moves. */
export function memberResourceName(point: string, node: string): string {
  return `${point}-vm-${node}`;
}

/** URN of the resource of a VM snapshot. @param resourceName from {@link memberResourceName} */
export function vmSnapshotUrn(stack: string, resourceName: string): string {
  const type = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";
  return `urn:pulumi:${stack}::atom-backup::${POINT_TYPE}$${type}::${resourceName}`;
}

/** URN of the component of a restore point. */
export function restorePointUrn(stack: string, point: string): string {
  return `urn:pulumi:${stack}::atom-backup::${POINT_TYPE}::${point}`;
}

const POINT_TYPE = "atom:backup:RestorePoint";

/**
 * Name of the VolumeSnapshot of a claim: `<point>.<claim>`. Both may hold dots, so a point that does gets a hash of the
 * pair: two pairs never share a name.
 */
export function volumeSnapshotName(point: string, claim: string): string {
  const plain = `${point}.${claim}`;
  return point.includes(".") || plain.length > NAME_LIMITS.object
    ? withHash(plain, JSON.stringify([point, claim]), NAME_LIMITS.object)
    : plain;
}

/** Name of the VolumeGroupSnapshot of a point, one in each namespace. */
export function volumeGroupName(point: string): string {
  return point;
}

/** Label that names the point: on what was taken for it, and on its claims while a group is being taken. */
export const POINT_LABEL = "atom-backup/restore-point";

/** Label that names the point whose members are being verified: on what is made for that and removed afterwards. */
export const VERIFY_LABEL = "atom-backup/verify";

/**
 * Name of all objects by which a member of a point is verified. Always with a hash of all that tells it apart: contents of
 * snapshots have no namespace, so that stacks of one cluster share their names.
 */
export function verifyName(stack: string, point: string, member: string): string {
  const plain = `verify-${member}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return withHash(plain, JSON.stringify([stack, point, member]), NAME_LIMITS.label);
}

/** Who owns a VM snapshot, as its description says. */
export interface OwnerMark {
  readonly stack: string;
  readonly point: string;
  readonly release: string;
  /** Kubernetes node name. */
  readonly node: string;
}

const OWNER_FIELDS = ["stack", "point", "release", "node"] as const;
const OWNER_PATTERN = new RegExp(
  `\\[atom-backup/1 ${OWNER_FIELDS.map((field) => `${field}=([^\\s\\]=]*)`).join(" ")}\\]$`,
);

/**
 * Description of a VM snapshot: one sentence for people and the mark that adoption reads. Deterministic: no clock,
 * and nothing that may change afterwards, since the provider replaces a snapshot whose description changes.
 * Values are percent-encoded in the mark, so that none can forge another.
 */
export function ownerMark(owner: OwnerMark): string {
  const mark = OWNER_FIELDS.map((field) => `${field}=${encode(owner[field])}`).join(" ");
  return (
    `Restore point ${encode(owner.point)} of ATOM site ${encode(owner.stack)}, ` +
    `release ${encode(owner.release)}, node ${encode(owner.node)}. ` +
    `Not to be removed by hand. [atom-backup/1 ${mark}]`
  );
}

/** The owner that a description names; undefined when it is nobody's of ours or was edited. */
export function parseOwnerMark(description: string): OwnerMark | undefined {
  const match = OWNER_PATTERN.exec(description.trim());
  if (match === null) {
    return undefined;
  }
  const [stack, point, release, node] = match.slice(1).map(decode);
  if (stack === undefined || point === undefined || release === undefined || node === undefined) {
    return undefined;
  }
  return { stack, point, release, node };
}

function withHash(text: string, hashed: string, limit: number, separator = "-"): string {
  const room = limit - HASH_LENGTH - separator.length;
  // A name must not end in a separator before the hash either: `a--hash` reads as a slip.
  const start = text.slice(0, room).replace(/[._-]+$/, "");
  return `${start}${separator}${shortHash(hashed)}`;
}

/** Through UTF-8 first: a lone surrogate would make encodeURIComponent throw, and a mark must never. */
function encode(value: string): string {
  if (/^[A-Za-z0-9._-]*$/.test(value)) {
    return value;
  }
  return encodeURIComponent(Buffer.from(value, "utf8").toString("utf8")).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
