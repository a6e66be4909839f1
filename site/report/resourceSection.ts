import type { SitePlan } from "../../planning/plan";
import type { Read } from "../../clients/access";
import type { Finding, FindingKind } from "../../drift/types";
import type { FieldChange } from "../../engine/preview";
import type { ReportFinding, ReportInput } from "./input";
import { badge, type Content, type Markup, markup, section, table, type Tone } from "./markup";
import { isOver, moment } from "./time";

interface KindWords {
  readonly tone: Tone;
  readonly text: string;
}

const kindWords: Readonly<Record<FindingKind, KindWords>> = {
  foreign: { tone: "bad", text: "foreign" },
  lost: { tone: "bad", text: "lost" },
  unknown: { tone: "warn", text: "unknown" },
  differs: { tone: "warn", text: "differs" },
  missing: { tone: "warn", text: "missing" },
  undeclared: { tone: "calm", text: "not declared any more" },
  same: { tone: "good", text: "as declared" },
};

const order = Object.keys(kindWords);

/** What is live against what is declared, differences first. */
export function resourceSection(input: ReportInput): Markup {
  const { drift, findings = [], live, plan } = input;
  return section(
    "resources",
    "Resources",
    live === undefined ? undefined : liveReads(input),
    drift === undefined ? declaredOnly(plan) : driftTable(drift),
    findings.length === 0 ? undefined : findingTable(findings),
  );
}

function liveReads({ live }: ReportInput): Markup | undefined {
  return live === undefined
    ? undefined
    : markup`<ul class="reads"><li>Cluster: ${readWords(live.cluster, ({ uid }) => `read, its identity is ${uid}`)}</li><li>vCenter: ${readWords(live.vcenter, ({ instanceUuid, vms }) => `read, its identity is ${instanceUuid}, ${vms.length} VMs`)}</li></ul>
`;
}

function readWords<T>(read: Read<T>, words: (value: T) => string): Content {
  switch (read.state) {
    case "read":
      return words(read.value);
    case "unknown":
      return [badge("warn", "cannot tell"), ` ${read.why}`];
    case "notNeeded":
      return "not needed for this site";
  }
}

function driftTable(drift: readonly Finding[]): Markup {
  const sorted = [...drift].sort(
    (one, other) => order.indexOf(one.kind) - order.indexOf(other.kind),
  );
  const different = drift.filter(({ kind }) => kind !== "same").length;
  const lead =
    different === 0
      ? `All ${drift.length} objects are as declared.`
      : `${different} of ${drift.length} objects are not shown to be as declared; they stand first.`;
  return markup`<p>${lead}</p>
${table(
  "Resources and their state",
  ["Object", "State", "What differs", "Reason and remedy"],
  sorted.map((finding) => ({
    mark: "drift",
    kind: finding.kind === "same" ? "" : kindWords[finding.kind].tone,
    cells: [
      finding.object,
      badge(kindWords[finding.kind].tone, kindWords[finding.kind].text),
      finding.changes.length === 0 ? "nothing" : markup`<ul>${finding.changes.map(change)}</ul>`,
      [
        finding.reason,
        finding.command === undefined ? undefined : markup` Run <code>${finding.command}</code>.`,
      ],
    ],
  })),
)}`;
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

/** Without live systems there is only what is declared. */
function declaredOnly(plan: SitePlan): Markup {
  const objects = [
    ...plan.classes.map(({ spec }) => `StorageClass ${spec.name}`),
    `VolumeSnapshotClass ${plan.snapshotClass.name}`,
    ...(plan.groupSnapshotClass === undefined
      ? []
      : [`VolumeGroupSnapshotClass ${plan.groupSnapshotClass.name}`]),
    ...plan.companions.map(({ object }) => `${object.kind} ${object.metadata.name}`),
    ...plan.restorePoints.flatMap(({ virtualMachines }) =>
      virtualMachines.map(({ snapshotName, node }) => `VM snapshot ${snapshotName} of ${node}`),
    ),
  ];
  return markup`<p>Declared, and not looked at: nothing live was read for this page.</p>
${table(
  "Declared objects",
  ["Object", "State"],
  objects.map((object) => ({ mark: "declared", cells: [object, badge("calm", "not looked at")] })),
)}`;
}

const severityTones: Readonly<Record<ReportFinding["severity"], Tone>> = {
  error: "bad",
  warning: "warn",
  note: "calm",
};

function findingTable(findings: readonly ReportFinding[]): Markup {
  return markup`<h3>Findings of the checks</h3>
${table(
  "Findings of the checks",
  ["Check", "Severity", "Finding", "What to do"],
  findings.map(({ severity, title, detail, remedy }) => ({
    mark: "finding",
    kind: severityTones[severity],
    cells: [title, badge(severityTones[severity], severity), detail, remedy ?? "nothing"],
  })),
)}`;
}

/** The only way past a failing rule, so it stands where everybody sees it. */
export function waiverSection({ plan, generatedAt }: ReportInput): Markup {
  const { waivers } = plan.site;
  return section(
    "waivers",
    "Waivers",
    waivers.length === 0
      ? markup`<p>None: no failing rule was waived.</p>
`
      : table(
          "Waived rules",
          ["Rule", "Subject", "Who", "Why", "Until"],
          waivers.map(({ rule, subject, who, why, until }) => {
            const over = isOver(until, generatedAt);
            return {
              mark: "waiver",
              kind: over ? "bad" : "warn",
              cells: [
                rule,
                subject,
                who,
                why,
                over ? [moment(until), " ", badge("bad", "expired")] : moment(until),
              ],
            };
          }),
          "waivers",
        ),
  );
}
