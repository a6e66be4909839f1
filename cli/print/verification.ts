import { RELEASE_KEY } from "../../planning/pointMembers";
import type { MemberResult, MemberVerdict } from "../../restorepoint/verify/types";
import type { PointVerification } from "../../restorepoint/verify/verifyPoint";
import { tableLines } from "./answer";

/** What people read for each verdict; `proven` and `readable` are different words, and stay so everywhere. */
const words: Record<MemberVerdict, string> = {
  proven: "proven",
  readable: "readable",
  restored: "restored, not looked at",
  there: "there",
  failed: "FAILED",
  unknown: "unknown",
  lost: "LOST",
  expired: "expired",
};

/** What a verification says of the point as a whole. */
interface PointJudgement {
  readonly result: "proven" | "readable" | "failed";
  /** One sentence. */
  readonly text: string;
}

/**
 * The point is proven only if every living volume and etcd snapshot is; snapshots of VMs are there, and no more can be
 * said of them.
 *
 * @param whole whether every member was looked at, and not only those that `--only` names
 */
export function judgePoint(
  name: string,
  { members, left, uncovered }: PointVerification,
  whole: boolean,
): PointJudgement {
  const bad = members.filter(({ verdict }) => verdict === "failed" || verdict === "lost");
  const untold = members.filter(({ verdict }) => verdict === "unknown" || verdict === "restored");
  // That its stored objects are whole proves no volume.
  const read = members.filter(
    ({ member, verdict }) =>
      member !== RELEASE_KEY && (verdict === "proven" || verdict === "readable"),
  );
  const readable = read.filter(({ verdict }) => verdict === "readable");
  const vms = members.filter(({ verdict }) => verdict === "there");
  const of = (list: readonly MemberResult[]): string => list.map(({ member }) => member).join(", ");
  if (bad.length > 0) {
    return { result: "failed", text: `point ${name}: NOT proven: ${of(bad)}` };
  }
  if (untold.length > 0) {
    return { result: "failed", text: `point ${name}: unknown: ${of(untold)}` };
  }
  const unbound = read.filter((one) => one.unbound);
  if (unbound.length > 0) {
    const text = `point ${name}: NOT proven: the storage still has ${of(unbound)}, and nothing in the cluster leads to it any more`;
    return { result: "failed", text };
  }
  if (read.length === 0) {
    return {
      result: "failed",
      text: `point ${name}: unknown: it holds nothing that can be restored and read`,
    };
  }
  const also = [
    ...(vms.length === 0
      ? []
      : [`; of its ${vms.length} VM snapshots it is known that they are there, and no more`]),
    ...(uncovered.length === 0 ? [] : [`; not covered: ${uncovered.join(", ")}`]),
  ].join("");
  const verdict = readable.length === 0 ? "proven" : "readable";
  const parts =
    readable.length === 0 || readable.length === read.length
      ? ""
      : ` (${read.length - readable.length} of ${read.length} proven)`;
  const subject = whole ? `point ${name}` : `of point ${name}, ${of(read)}`;
  const text = `${subject}: ${verdict}${parts}${also}`;
  return left.length > 0
    ? { result: "failed", text: `${text}; not all was removed` }
    : { result: verdict, text };
}

/** The table of members, then what is to be said of them and of the point. */
export function verificationLines(
  verification: PointVerification,
  judgement: PointJudgement,
): readonly string[] {
  const { members, left, seconds } = verification;
  const rows = [
    ["member", "verdict", "restored", "read", "manifest"],
    ...members.map((one) => [
      one.member,
      words[one.verdict],
      inSeconds(one.restoreSeconds),
      inSeconds(one.readSeconds),
      manifestText(one),
    ]),
  ];
  return [
    ...tableLines(rows).map((line) => `  ${line}`),
    ...members.flatMap(({ member, why }) => (why === undefined ? [] : [`${member}: ${why}`])),
    ...left.map((problem) => `not removed: ${problem}`),
    `${judgement.text} (${seconds} s)`,
  ];
}

function inSeconds(seconds: number | undefined): string {
  return seconds === undefined ? "-" : `${seconds.toFixed(1)} s`;
}

function manifestText({ manifest }: MemberResult): string {
  if (manifest === undefined) {
    return "-";
  }
  const { digest, files, bytes } = manifest;
  return `${digest.slice(0, 14)}…, ${files} files, ${bytes} bytes`;
}
