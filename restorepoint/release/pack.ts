import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";

import { canonicalJson } from "../../config/canonicalJson";
import type { ReleaseObjects } from "./types";
import { ReleaseError } from "./types";

/** Bytes of one part. A ConfigMap holds 1 MiB; binary data counts as what it is, not as its base64. */
const PART_BYTES = 900 * 1024;

/** A release as it is stored: the same objects always give the same parts. */
export interface PackedRelease {
  /** SHA-256 over the objects' canonical text. */
  readonly digest: string;
  /** At least one. */
  readonly parts: readonly Buffer[];
}

export function pack(release: ReleaseObjects, partBytes = PART_BYTES): PackedRelease {
  const json = canonicalJson(release);
  const packed = gzipSync(json);
  const count = Math.ceil(packed.length / partBytes);
  const parts = Array.from({ length: count }, (_, index) =>
    packed.subarray(index * partBytes, (index + 1) * partBytes),
  );
  return { digest: digestOf(json), parts };
}

/**
 * @param expected digest that the catalog has
 * @param where the place, for messages
 * @throws ReleaseError when the parts are not what was stored
 */
export function unpack(parts: readonly Buffer[], expected: string, where: string): ReleaseObjects {
  if (parts.length === 0) {
    throw new ReleaseError(`${where} are not there.`);
  }
  let release: ReleaseObjects;
  try {
    release = JSON.parse(gunzipSync(Buffer.concat(parts)).toString("utf8")) as ReleaseObjects;
  } catch {
    throw new ReleaseError(`${where} cannot be unpacked: a part is missing or damaged.`);
  }
  if ((release.version as number) !== 1) {
    throw new ReleaseError(`${where} are of version ${String(release.version)}, known is 1.`);
  }
  const digest = digestOf(canonicalJson(release));
  if (digest !== expected) {
    throw new ReleaseError(`${where} have the digest ${digest}, recorded is ${expected}.`);
  }
  return release;
}

function digestOf(json: string): string {
  return createHash("sha256").update(json).digest("hex");
}
