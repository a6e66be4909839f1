import type { FailoverPlan, Verdict } from "../../planning/plan";
import type { HeldVolumes } from "../../drift/heldVolumes";
import type { ReportInput } from "./input";
import { badge, type Markup, markup, section, sentence, table, type TableRow } from "./markup";
import { sortedVerdicts, verdictWords } from "./verdicts";

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
    markup`<p>${lead} The rule in the last column decides. Promised is the loss of any one ${survival.promised === "site" ? "node or site" : "node"}.${sharedHosts} Restore points that stay readable are no backup: they lie beside the data.</p>
`,
    table(
      "Each loss and what it does",
      [
        "Loss",
        "Verdict",
        "Readable",
        "Writable",
        "Unattended",
        "Split brain",
        "Acknowledged writes lost",
        "Rule",
      ],
      rows,
      "survival names",
    ),
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
      wished(verdict.readable),
      wished(verdict.writable),
      verdict.unattended ? "yes" : markup`<strong class="warn">by hand</strong>`,
      feared(verdict.splitBrain),
      feared(verdict.acknowledgedWritesLost),
      markup`${verdict.rule} <span class="points">Restore points readable: ${pointsLeft(verdict)}: ${verdict.restorePointsRule}</span>`,
    ],
  };
}

function wished(value: boolean): Markup {
  return value ? markup`yes` : markup`<strong class="bad">no</strong>`;
}

/** Of restore points "unknown" is no comfort, and "no" is worse than "unknown". */
function pointsLeft({ restorePointsReadable }: Verdict): Markup {
  switch (restorePointsReadable) {
    case "yes":
      return markup`yes`;
    case "no":
      return markup`<strong class="bad">no</strong>`;
    case "unknown":
      return markup`<strong class="warn">unknown</strong>`;
  }
}

function feared(value: boolean): Markup {
  return value ? markup`<strong class="bad">yes</strong>` : markup`no`;
}

/** What stands against a fail-over now, though the plan has it. */
function heldNow(held: HeldVolumes | undefined): Markup {
  const said =
    held?.state === "read"
      ? held.lines.map((line) => `${capital(line)}.`)
      : held?.state === "unknown"
        ? [`Cannot tell whether VM snapshots hold volumes: ${held.why}`]
        : [];
  return said.length === 0
    ? markup``
    : markup`<div class="note warn" id="held-volumes"><h3><span class="sign" aria-hidden="true">!</span> VM snapshots and fail-over</h3>
<ul>${said.map((line) => markup`<li>${line}</li>`)}</ul></div>
`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function failover(plan: FailoverPlan): Markup {
  if (plan.mode === "automatic") {
    return markup`<div class="note" id="failover" data-failover="automatic"><h3>Fail-over: automatic</h3>
<p>${sentence(plan.mechanism)}</p><p>Are lost copies rebuilt? ${sentence(plan.rebuilds)}</p></div>
`;
  }
  return markup`<div class="note warn" id="failover" data-failover="manual"><h3><span class="sign" aria-hidden="true">!</span> Fail-over: by hand</h3>
<p>${sentence(plan.why)}</p>
<ol>${plan.steps.map((step) => markup`<li>${step}</li>`)}</ol></div>
`;
}
