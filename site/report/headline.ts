import { isPromised } from "../../planning";
import type { SurvivalTable } from "../../planning/plan";
import type { Finding } from "../../drift/types";
import type { ReportInput } from "./input";
import { type Content, type Markup, markup, signOf, type Tone } from "./markup";
import { pointViews } from "./pointViews";
import { isOver, moment } from "./time";
import { overallVerdict } from "./verdicts";

/** The first screen: what the site survives, whether it is as declared, the way back, and what is no backup. */
export function headline(input: ReportInput): Markup {
  const { plan, program, target, generatedAt } = input;
  const verdict = overallVerdict(plan.survival);
  return markup`<header class="page-head">
<p class="product">ATOM backup and recovery</p>
<h1>Site ${target.stack}</h1>
<p class="muted">${target.place} · written ${moment(generatedAt)} · program version ${program.version}</p>
</header>
<div class="verdict ${verdict.tone}" id="verdict" data-verdict="${verdict.tone}">
<span class="sign" aria-hidden="true">${signOf(verdict.tone)}</span>
<div><p class="sentence">${verdict.text}</p><p>${plan.survival.summary}</p>${beyondPromise(plan.survival)}</div>
</div>
<dl class="facts">
${facts(input).map(
  ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
<div class="cards">
${[liveCard(input), pointCard(input), backupCard()].map(card)}</div>
`;
}

/** What is lost without having been promised must not hide behind a kept promise. */
function beyondPromise({ verdicts, promised }: SurvivalTable): Markup | undefined {
  const lost = verdicts.filter(
    ({ survived, loss }) => !survived && !isPromised(loss, promised),
  ).length;
  return lost === 0
    ? undefined
    : markup`<p><strong>Not promised and not survived: ${count(lost, "further loss", "further losses")}.</strong> <a href="#survival">Which they are</a></p>`;
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

interface Card {
  readonly id: string;
  readonly tone: Tone;
  readonly title: string;
  readonly sentence: string;
  readonly detail: Content;
}

function card({ id, tone, title, sentence, detail }: Card): Markup {
  return markup`<section class="card ${tone}" data-card="${id}"><h2>${title}</h2><p class="sentence"><span class="sign" aria-hidden="true">${signOf(tone)}</span>${sentence}</p><p>${detail}</p></section>
`;
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
  const title = "As declared?";
  const id = "live";
  const changed = (drift ?? []).filter(({ kind }) => kind !== "same" && kind !== "unknown").length;
  switch (liveState(drift)) {
    case "notRead":
      return {
        id,
        title,
        tone: "calm",
        sentence: "Not looked at",
        detail: "This page was made from the stack file alone: nothing live was read.",
      };
    case "unknown":
      return {
        id,
        title,
        tone: "warn",
        sentence: "Cannot tell",
        detail: `Not everything could be read.${changed > 0 ? ` Of what could, ${count(changed, "object")} ${changed === 1 ? "differs" : "differ"} from what is declared.` : ""}`,
      };
    case "differs":
      return {
        id,
        title,
        tone: "warn",
        sentence: `${count(changed, "difference")}`,
        detail:
          "What is live differs from what is declared; the table of resources says where and what mends it.",
      };
    case "same":
      return {
        id,
        title,
        tone: "good",
        sentence: "Yes",
        detail: `${count(drift?.length ?? 0, "object")} read live, no difference found.`,
      };
  }
}

function pointCard(input: ReportInput): Card {
  const title = "Way back to an earlier state";
  const id = "points";
  const views = pointViews(input);
  const ready = views.filter(({ usable }) => usable);
  const overdue = views.filter(({ overdue: past }) => past).length;
  const newest = ready[ready.length - 1];
  if (newest === undefined) {
    return {
      id,
      title,
      tone: views.some(({ lost }) => lost) ? "warn" : "calm",
      sentence: "No usable restore point",
      detail:
        views.length === 0
          ? "None is known."
          : views.every(({ takenAt }) => takenAt === undefined)
            ? `${count(views.length, "point")}, not taken yet.`
            : "No point holds all its members, so none leads back.",
    };
  }
  const seen = ready.every(({ seen: there }) => there);
  return {
    id,
    title,
    tone: overdue > 0 ? "warn" : seen ? "good" : "calm",
    sentence: `Point ${newest.name}${newest.age === undefined ? "" : `, ${newest.age} old`}`,
    detail: [
      `${count(ready.length, "point")}, `,
      seen ? "each member seen live." : "recorded, but not every member looked at.",
      overdue > 0 ? ` ${overdue} past the end given to it.` : "",
    ],
  };
}

function backupCard(): Card {
  return {
    id: "backup",
    title: "Backup",
    tone: "warn",
    sentence: "Nothing on this page is a backup",
    detail:
      "Copies of a volume and snapshots in the cluster or on the datastore are lost with it, and a wrong deletion reaches every copy. A backup lies off the cluster.",
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
