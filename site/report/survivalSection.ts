import type { FailoverPlan, Verdict } from "../../planning/plan";
import type { HeldVolumes } from "../../drift/heldVolumes";
import type { ReportInput } from "./input";
import { badge, markup, section, sentence, sign, table } from "./markup";
import type { Content, Markup, TableRow, Tone } from "./markup";
import { sortedVerdicts, verdictWords } from "./verdicts";

const judged = ["Readable", "Writable", "Unattended", "Split brain", "Acknowledged writes lost"];
const columns = ["Loss", "Verdict", ...judged, "Rule"];

/** Every loss that was looked at, and who brings the service back. */
export function survivalSection({ plan, heldVolumes }: ReportInput): Markup {
  const { survival } = plan;
  const rows = sortedVerdicts(survival).map((verdict) => verdictRow(verdict, survival.promised));
  const failing = survival.verdicts.filter(({ survived }) => !survived).length;
  const lead =
    failing === 0
      ? `All ${rows.length} losses looked at are survived.`
      : `${failing} of ${rows.length} losses looked at are not survived; they stand first.`;
  const sharedHosts = survival.verdicts.some(({ loss }) => loss.kind === "host")
    ? " Node VMs that must not fall together are refused on one ESXi host, unless that is waived."
    : "";
  return section(
    "survival",
    "What each loss does",
    markup`<p>${lead} The rule in the last column decides. Promised is the loss of any one ${survival.promised === "site" ? "node or site" : "node"}.${sharedHosts} Restore points that stay readable are no backup: they lie beside the data.</p>`,
    table("Each loss and what it does", columns, rows, "survival names"),
    heldNow(heldVolumes),
    failover(plan.failover),
  );
}

function verdictRow(verdict: Verdict, promised: "node" | "site"): TableRow {
  const { tone, text } = verdictWords(verdict, promised);
  return {
    mark: "verdict",
    kind: tone,
    cells: [
      verdict.title,
      badge(tone, text),
      verdict.readable ? "yes" : strong("bad", "no"),
      verdict.writable ? "yes" : strong("bad", "no"),
      verdict.unattended ? "yes" : strong("warn", "by hand"),
      verdict.splitBrain ? strong("bad", "yes") : "no",
      verdict.acknowledgedWritesLost ? strong("bad", "yes") : "no",
      markup`${verdict.rule} <span class="points">Restore points readable: ${pointsLeft(verdict)}: ${verdict.restorePointsRule}</span>`,
    ],
  };
}

function strong(tone: Tone, text: string): Markup {
  return markup`<strong class="${tone}">${text}</strong>`;
}

/** Of restore points "unknown" is no comfort, and "no" is worse than "unknown". */
function pointsLeft({ restorePointsReadable: readable }: Verdict): Content {
  return readable === "yes" ? readable : strong(readable === "no" ? "bad" : "warn", readable);
}

/** What stands against a fail-over now, though the plan has it. */
function heldNow(held: HeldVolumes | undefined): Markup | undefined {
  const said =
    held?.state === "read"
      ? held.lines.map(sentence)
      : held?.state === "unknown"
        ? [`Whether VM snapshots hold volumes is unknown: ${held.why}`]
        : [];
  return said.length === 0
    ? undefined
    : markup`<div class="note warn" id="held-volumes"><h3>${sign("warn")} VM snapshots and fail-over</h3>
<ul>${said.map((line) => markup`<li>${line}</li>`)}</ul></div>`;
}

function failover(plan: FailoverPlan): Markup {
  return plan.mode === "automatic"
    ? markup`<div class="note" id="failover" data-failover="automatic"><h3>Fail-over: automatic</h3>
<p>${sentence(plan.mechanism)}</p><p>Are lost copies rebuilt? ${sentence(plan.rebuilds)}</p></div>`
    : markup`<div class="note warn" id="failover" data-failover="manual"><h3>${sign("warn")} Fail-over: by hand</h3>
<p>${sentence(plan.why)}</p>
<ol>${plan.steps.map((step) => markup`<li>${step}</li>`)}</ol></div>`;
}
