import { isPromised } from "../../planning";
import type { SurvivalTable } from "../../planning/plan";
import { counted } from "../../planning/words";
import type { Finding } from "../../drift/types";
import type { ReportInput } from "./input";
import { type Content, type Markup, markup, sign, type Tone, isOver, moment } from "./markup";
import { pointViews } from "./pointViews";
import { overallVerdict } from "./verdicts";

/** The first screen: what the site survives, whether it is as declared, the way back, and what is no backup. */
export function headline(input: ReportInput): Markup {
  const { plan, program, target, generatedAt } = input;
  const { tone, text } = overallVerdict(plan.survival);
  return markup`<header class="page-head">
<p class="product">ATOM backup and recovery</p>
<h1>Site ${target.stack}</h1>
<p class="muted">${target.place} · written ${moment(generatedAt)} · program version ${program.version}</p>
</header>
<div class="verdict ${tone}" id="verdict" data-verdict="${tone}">
${sign(tone)}
<div><p class="sentence">${text}</p><p>${plan.survival.summary}</p>${beyondPromise(plan.survival)}</div>
</div>
<dl class="facts">
${facts(input).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="cards">
${card("live", "As declared?", liveCard(input))}
${card("points", "Way back to an earlier state", pointCard(input))}
${card("backup", "Backup", backupCard)}
</div>
`;
}

/** What is lost without having been promised must not hide behind a kept promise. */
function beyondPromise({ verdicts, promised }: SurvivalTable): Markup | undefined {
  const lost = verdicts.filter(
    ({ survived, loss }) => !survived && !isPromised(loss, promised),
  ).length;
  return lost === 0
    ? undefined
    : markup`<p><strong>Not promised and not survived: ${counted(lost, "further loss", "further losses")}.</strong> <a href="#survival">Which they are</a></p>`;
}

function facts({ plan, generatedAt }: ReportInput): readonly (readonly [string, Content])[] {
  const { site, topology } = plan;
  const { waivers } = site;
  const over = waivers.filter(({ until }) => isOver(until, generatedAt)).length;
  const voting = topology.witnessSites.length;
  const version = site.backendVersion === undefined ? "" : ` ${site.backendVersion}`;
  return [
    ["Copies of each volume", site.replicationFactor],
    ["Storage backend", `${site.backend}${version}`],
    ["Sites", `${topology.dataSites.length} with data${voting > 0 ? `, ${voting} witness` : ""}`],
    ["Has to survive", `the loss of a ${site.survive}`],
    ["Fail-over", plan.failover.mode],
    ["Copies spread over", topology.spread],
    ...(waivers.length === 0
      ? []
      : [["Waivers", over > 0 ? `${waivers.length}, ${over} expired` : waivers.length] as const]),
  ];
}

type Card = readonly [tone: Tone, sentence: string, detail: string];

function card(id: string, title: string, [tone, sentence, detail]: Card): Markup {
  return markup`<section class="card ${tone}" data-card="${id}"><h2>${title}</h2><p class="sentence">${sign(tone)}${sentence}</p><p>${detail}</p></section>`;
}

/** Whether live and declared agree. What could not be read is never counted as agreement. */
export function liveState(
  drift: readonly Finding[] | undefined,
): "notRead" | "unknown" | "differs" | "same" {
  if (drift === undefined) {
    return "notRead";
  }
  if (drift.some(({ kind }) => kind === "unknown")) {
    return "unknown";
  }
  return drift.every(({ kind }) => kind === "same") ? "same" : "differs";
}

function liveCard({ drift }: ReportInput): Card {
  const changed = (drift ?? []).filter(({ kind }) => kind !== "same" && kind !== "unknown").length;
  const differ = `${counted(changed, "object")} ${changed === 1 ? "differs" : "differ"}`;
  const read = counted(drift?.length ?? 0, "object");
  const cards: Readonly<Record<ReturnType<typeof liveState>, Card>> = {
    notRead: [
      "calm",
      "Not looked at",
      "This page was made from the stack file alone: nothing live was read.",
    ],
    unknown: [
      "warn",
      "Unknown",
      `Not everything could be read.${changed > 0 ? ` Of what could, ${differ} from what is declared.` : ""}`,
    ],
    differs: [
      "warn",
      counted(changed, "difference"),
      "What is live differs from what is declared; the table of resources says where and what mends it.",
    ],
    same: ["good", "Yes", `${read} read live, no difference found.`],
  };
  return cards[liveState(drift)];
}

function pointCard(input: ReportInput): Card {
  const views = pointViews(input);
  const ready = views.filter(({ usable }) => usable);
  const newest = ready.at(-1);
  if (newest === undefined) {
    return [
      views.some(({ lost }) => lost) ? "warn" : "calm",
      "No usable restore point",
      views.length === 0
        ? "None is known."
        : views.every(({ takenAt }) => takenAt === undefined)
          ? `${counted(views.length, "point")}, not taken yet.`
          : "No point holds all its members, so none leads back.",
    ];
  }
  const seen = ready.every(({ seen: there }) => there);
  const overdue = views.filter(({ overdue: past }) => past).length;
  return [
    overdue > 0 ? "warn" : seen ? "good" : "calm",
    `Point ${newest.name}${newest.age === undefined ? "" : `, ${newest.age} old`}`,
    `${counted(ready.length, "point")}, ` +
      (seen ? "each member seen live." : "recorded, but not every member looked at.") +
      (overdue > 0 ? ` ${overdue} past the end given to it.` : ""),
  ];
}

const backupCard: Card = [
  "warn",
  "Nothing on this page is a backup",
  "Copies of a volume and snapshots in the cluster or on the datastore are lost with it, and a wrong deletion reaches every copy. A backup lies off the cluster.",
];
