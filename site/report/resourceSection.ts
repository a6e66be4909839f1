import type { Read } from "../../clients/access";
import type { Finding, FindingKind, LiveState } from "../../drift/types";
import type { FieldChange } from "../../engine/preview";
import { waiverText, type Finding as Check, type Severity } from "../preflight/finding";
import type { ReportInput } from "./input";
import {
  badge,
  type Content,
  type Markup,
  markup,
  section,
  table,
  type Tone,
  isOver,
  moment,
} from "./markup";

const kindWords: Readonly<Record<FindingKind, readonly [tone: Tone, text: string]>> = {
  foreign: ["bad", "foreign"],
  lost: ["bad", "lost"],
  unknown: ["warn", "unknown"],
  differs: ["warn", "differs"],
  missing: ["warn", "missing"],
  undeclared: ["calm", "not declared any more"],
  same: ["good", "as declared"],
};

const order = Object.keys(kindWords);

/** What is live against what is declared, differences first. */
export function resourceSection({ drift, findings = [], live }: ReportInput): Markup {
  const told = findings.filter(({ severity }) => severity !== "notObserved");
  return section(
    "resources",
    "Resources",
    live === undefined ? undefined : liveReads(live),
    ...(drift === undefined ? [notLookedAt] : driftTable(drift)),
    ...(told.length === 0 ? [] : findingTable(told)),
  );
}

const notLookedAt = markup`<p>Nothing live was read for this page: what is declared stands in the sections on storage, snapshots and restore points.</p>`;

function liveReads({ cluster, vcenter }: LiveState): Markup {
  const words = <T>(read: Read<T>, told: (value: T) => string): Content =>
    read.state === "read"
      ? told(read.value)
      : read.state === "unknown"
        ? [badge("warn", "unknown"), ` ${read.why}`]
        : "not needed for this site";
  return markup`<ul class="reads"><li>Cluster: ${words(cluster, ({ uid }) => `read, its identity is ${uid}`)}</li><li>vCenter: ${words(vcenter, ({ instanceUuid, vms }) => `read, its identity is ${instanceUuid}, ${vms.length} VMs`)}</li></ul>`;
}

function driftTable(drift: readonly Finding[]): readonly Markup[] {
  const sorted = [...drift].sort(
    (one, other) => order.indexOf(one.kind) - order.indexOf(other.kind),
  );
  const different = drift.filter(({ kind }) => kind !== "same").length;
  const lead =
    different === 0
      ? `All ${drift.length} objects are as declared.`
      : `${different} of ${drift.length} objects are not shown to be as declared; they stand first.`;
  return [
    markup`<p>${lead}</p>`,
    table(
      "Resources and their state",
      ["Object", "State", "What differs", "Reason and remedy"],
      sorted.map(({ kind, object, changes, reason, command }) => ({
        mark: "drift",
        kind: kind === "same" ? "" : kindWords[kind][0],
        cells: [
          object,
          badge(...kindWords[kind]),
          changes.length === 0 ? "nothing" : markup`<ul>${changes.map(change)}</ul>`,
          [reason, command === undefined ? undefined : markup` Run <code>${command}</code>.`],
        ],
      })),
    ),
  ];
}

function change({ path, from, to }: FieldChange): Markup {
  return markup`<li><code>${path}</code>: ${printed(from)} → ${printed(to)}</li>`;
}

/** Longest printed value; the preview shows values whole. */
const longest = 160;

function printed(value: FieldChange["from"]): Content {
  if (value === undefined) {
    return "absent";
  }
  const json = JSON.stringify(value);
  return markup`<code>${json.length > longest ? `${json.slice(0, longest)}…` : json}</code>`;
}

/** What is unknown stands out like an error. */
const severityTones: Readonly<Record<Severity, Tone>> = {
  error: "bad",
  unknown: "bad",
  warning: "warn",
  notObserved: "calm",
};

function findingTable(findings: readonly Check[]): readonly Markup[] {
  return [
    markup`<h3>Findings of the checks</h3>`,
    table(
      "Findings of the checks",
      ["Check", "Severity", "Finding", "What to do"],
      findings.map(({ severity, object, message, remedy, waiver }) => {
        const tone = waiver === undefined ? severityTones[severity] : "warn";
        const word = waiver === undefined ? severity : "waived";
        const what = waiver === undefined ? (remedy ?? "nothing") : waiverText(waiver);
        return { mark: "finding", kind: tone, cells: [object, badge(tone, word), message, what] };
      }),
    ),
  ];
}

/** The only way past a failing rule, so it stands where everybody sees it. */
export function waiverSection({ plan, generatedAt }: ReportInput): Markup {
  const { waivers } = plan.site;
  return section(
    "waivers",
    "Waivers",
    waivers.length === 0
      ? markup`<p>None: no failing rule was waived.</p>`
      : table(
          "Waived rules",
          ["Rule", "Subject", "Who", "Why", "Until"],
          waivers.map(({ rule, subject, who, why, until }) => {
            const over = isOver(until, generatedAt);
            const expired = over ? [" ", badge("bad", "expired")] : [];
            return {
              mark: "waiver",
              kind: over ? "bad" : "warn",
              cells: [rule, subject, who, why, [moment(until), ...expired]],
            };
          }),
          "waivers",
        ),
  );
}
