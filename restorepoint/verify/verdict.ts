import type { ContainerState, JobStatus } from "../jobs/jobStatus";
import type { MemberVerification, PointRecord } from "../../planning/pointRecord";
import { parseManifest, PROBE_EXIT } from "./probeScript";
import type { Manifest, MemberResult } from "./types";

/** What was found, without times. */
export type Finding = Pick<MemberResult, "verdict" | "why" | "manifest">;

/**
 * What a probe's end says of a volume; pure.
 *
 * @param commanded whether the probe has a command of its own, whose exit code 0 proves
 * @param earlier the member's earlier verifications, newest last
 */
export function judgeProbe(
  { containers, why }: JobStatus,
  commanded: boolean,
  earlier: readonly MemberVerification[],
): Finding {
  const [container] = containers;
  if (container?.exitCode !== 0) {
    return judgeFailure(container, why);
  }
  const manifest = parseManifest(container.message);
  if (manifest === undefined) {
    const said = container.message === "" ? "nothing" : `"${container.message}"`;
    return {
      verdict: "unknown",
      why: `the probe ended without a manifest; its last words are ${said}`,
    };
  }
  const differs = differsFrom(manifest, commanded, earlier);
  if (differs !== undefined) {
    return { verdict: "failed", why: differs, manifest };
  }
  const proofs = known(earlier, "proven", manifest);
  return { verdict: commanded || proofs.length > 0 ? "proven" : "readable", manifest };
}

/** The exit codes of the script that a probe's container runs, in words; pure. */
export function judgeFailure(container: ContainerState | undefined, why: string): Finding {
  const words = (container?.message ?? "").replace(/\s+/g, " ").trim();
  const said = words === "" ? "it said nothing" : words;
  switch (container?.exitCode) {
    case PROBE_EXIT.refused:
      return { verdict: "failed", why: `it is not what it should be: ${said}` };
    case PROBE_EXIT.unreadable:
      return { verdict: "failed", why: `it cannot be read: ${said}` };
    default: {
      const code = `exit code ${container?.exitCode ?? "unknown"}`;
      const told = [words, why, code].find((text) => text !== "");
      return { verdict: "unknown", why: `the probe did not come to its end: ${told ?? code}` };
    }
  }
}

/**
 * Two restores of one snapshot hold the same bytes, whoever said that they are the right ones. Where the probe has just
 * said so itself, its word counts more than that of a mere reading.
 */
function differsFrom(
  manifest: Manifest,
  commanded: boolean,
  earlier: readonly MemberVerification[],
): string | undefined {
  const read = commanded ? [] : known(earlier, "readable", manifest);
  const other = known(earlier, "proven", manifest).at(-1) ?? read.at(-1);
  if (other === undefined || other.manifestDigest === manifest.digest) {
    return undefined;
  }
  const was = other.result === "proven" ? "was proven" : "was read";
  return (
    `the bytes differ from what ${was} at ${other.at}: the manifest is ${manifest.digest} and was ` +
    `${other.manifestDigest ?? ""}`
  );
}

/** Only manifests of the same form can be compared. */
function known(
  earlier: readonly MemberVerification[],
  result: MemberVerification["result"],
  manifest: Manifest,
): readonly MemberVerification[] {
  const form = formOf(manifest.digest);
  return earlier.filter(
    ({ result: was, manifestDigest }) =>
      was === result && manifestDigest !== undefined && formOf(manifestDigest) === form,
  );
}

function formOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** Verifications of one member that are kept besides its newest proof. */
const KEPT = 4;

/** The record with a verification more. Old ones of the member go: the catalog has to fit into an object. */
export function withVerification(
  record: PointRecord,
  one: MemberVerification | undefined,
): PointRecord {
  if (one === undefined) {
    return record;
  }
  const all = [...record.verifications, one];
  const own = all.filter(({ member }) => member === one.member);
  const proof = own.findLast(({ result }) => result === "proven");
  const kept = new Set([...own.slice(-KEPT), ...(proof === undefined ? [] : [proof])]);
  return {
    ...record,
    verifications: all.filter((each) => each.member !== one.member || kept.has(each)),
  };
}

/** What the catalog keeps of a result; undefined for one that says nothing about the member. */
export function verificationOf(result: MemberResult, at: string): MemberVerification | undefined {
  const { member, verdict, why, seconds, restoreSeconds, readSeconds, manifest } = result;
  if (verdict !== "proven" && verdict !== "readable" && verdict !== "failed") {
    return undefined;
  }
  const { digest: manifestDigest, files, bytes } = manifest ?? {};
  const times = { seconds: seconds ?? 0, restoreSeconds, readSeconds };
  return { member, result: verdict, at, ...times, manifestDigest, files, bytes, message: why };
}
