import type { FailoverPlan, SitePlan, Verdict } from "../planning/plan";
import type { OptionSpec, StorageBackend } from "../planning/backends/backend";
import { versionWords } from "../planning/backends/version";
import type { ObservationSource } from "../planning/backends/observation";
import { parameterReason } from "../site/report/parameterReasons";
import { SET_UPS } from "./setUps";
import { markdownTable } from "./markdownTable";

const generated = [
  "Made from `planning/` and the committed stacks by `node dist/docs/generate.js`; edit there.",
  "",
];

/** The page that helps to choose: what each committed stack survives, and what its backend can do. */
export function decisionPage(
  backends: readonly StorageBackend[],
  plans: readonly SitePlan[],
): string {
  return [
    "# Storage backends",
    "",
    ...generated,
    "What a backend can do, whatever the site:",
    "",
    ...markdownTable(
      [
        "Backend",
        "Copies",
        "Snapshots per volume",
        "Size of a restored claim",
        "Grows with snapshots",
      ],
      backends.map(({ id, title, limits }) => [
        `[${title}](backends/${id}.md)`,
        Number.isFinite(limits.replicas) ? `up to ${limits.replicas}` : "as stated",
        limits.snapshotsPerVolume === undefined ? "no limit known" : `${limits.snapshotsPerVolume}`,
        limits.restoreSize === "equal" ? "equal to the snapshot's" : "the snapshot's or more",
        yesNo(limits.expandWithSnapshots),
      ]),
    ),
    "",
    "What the committed stacks, which are complete examples, survive. `2/2` reads: two losses of this kind were played",
    "through and two are survived; with a person's help where fail-over is manual.",
    "",
    ...markdownTable(
      [
        "Stack",
        "Backend",
        "Copies",
        "Data sites",
        "Witness",
        "Nodes",
        "Sites",
        "Links",
        "Witnesses",
        "Fail-over",
        "On a raise, existing volumes",
      ],
      plans.map((plan) => [
        `\`${plan.site.stack}\``,
        `[${plan.site.backend}](backends/${plan.site.backend}.md)`,
        `${plan.site.replicationFactor}`,
        plan.topology.dataSites.map(({ name }) => name).join(", "),
        plan.topology.witnessSites.map(({ name }) => name).join(", ") || "none",
        survived(plan, "node"),
        survived(plan, "site"),
        survived(plan, "link"),
        survived(plan, "witness"),
        plan.failover.mode,
        plan.raise.existingVolumes === "backfilled" ? "follow by themselves" : "keep their copies",
      ]),
    ),
    "",
    "## Set-ups that people run",
    "",
    "Proven: its losses are judged by the backend's model. Stated: it passes, and what it survives rests in part on what the",
    "operator states. Refused: it does not pass, or by a waiver only.",
    "",
    ...markdownTable(
      ["Set-up", "Expressed", "Verdict", "Why"],
      SET_UPS.map(({ setUp, how, verdict, why }) => [setUp, how, verdict, why]),
    ),
    "",
  ].join("\n");
}

/** The page of one backend: its options and limits, and for each stack of it what is declared and why. */
export function backendPage(backend: StorageBackend, plans: readonly SitePlan[]): string {
  const { id, title, options, classOptions, unverified } = backend;
  return [
    `# ${title}`,
    "",
    ...generated,
    `\`backend: ${id}\`. [All backends side by side](../backends.md).`,
    "",
    ...(versionWords(id) === undefined ? [] : [`\`backendVersion\` is ${versionWords(id)}.`, ""]),
    ...optionSection("Options of the backend (`backendOptions`)", options),
    ...optionSection("Options of a class (`classes[].options`)", classOptions),
    ...harmlessSection(backend),
    ...plans.flatMap((plan) => siteSection(plan)),
    ...replicasSection(backend, plans),
    "## Unverified",
    "",
    ...(unverified.length === 0
      ? ["Nothing: all of it runs in the lab or is what the operator states."]
      : [
          "On the word of a source alone; neither fed to the driver's own parser nor seen on an installation:",
          "",
          ...unverified.map((text) => `- ${text}`),
        ]),
    "",
  ].join("\n");
}

/** Further parameters that pass without a waiver. */
function harmlessSection({ harmless }: StorageBackend): string[] {
  const rows = Object.entries(harmless ?? {}).map(([name, what]) => [`\`${name}\``, what]);
  return rows.length === 0
    ? []
    : [
        "## Further class parameters",
        "",
        "Of `parameters` these pass; any other one is refused without a waiver of `unknown-parameter`.",
        "",
        ...markdownTable(["Parameter", "What it does"], rows),
        "",
      ];
}

/** How the copies that volumes really have are found out. */
function replicasSection(backend: StorageBackend, plans: readonly SitePlan[]): string[] {
  const [plan] = plans;
  if (plan === undefined) {
    return [];
  }
  const observation = backend.observation(plan);
  const lines =
    observation.state === "notObserved"
      ? [
          `Not observed: ${observation.why}.`,
          ...(observation.remedy === undefined ? [] : [`To see them, ${observation.remedy}.`]),
        ]
      : [
          "Read once for all volumes, and held against the plan:",
          "",
          ...Object.values(observation.sources).map((source) => `- ${sourceText(source)}`),
        ];
  return ["## Copies of the volumes", "", ...lines, ""];
}

function sourceText(source: ObservationSource): string {
  return source.kind === "list"
    ? `every \`${source.object}\` of \`${source.apiVersion}\`${source.namespace === undefined ? "" : ` in namespace \`${source.namespace}\``}`
    : "the REST API at `backendOptions.apiUrl`";
}

function optionSection(title: string, options: Readonly<Record<string, OptionSpec>>): string[] {
  const names = Object.keys(options);
  return names.length === 0
    ? []
    : [
        `## ${title}`,
        "",
        ...markdownTable(
          ["Option", "Default", "Meaning"],
          Object.entries(options).map(([name, spec]) => [
            `\`${name}\``,
            spec.required === true ? "required" : (spec.default ?? "absent"),
            spec.description,
          ]),
        ),
        "",
      ];
}

function siteSection(plan: SitePlan): string[] {
  const { site, classes, companions, survival, raise } = plan;
  return [
    `## Stack \`${site.stack}\``,
    "",
    `${survival.summary}.`,
    "",
    ...classes.flatMap((one) => [
      `Class \`${one.spec.name}\`, provisioner \`${one.provisioner}\`:`,
      "",
      ...markdownTable(
        ["Parameter", "Value", "Why"],
        Object.entries(one.parameters).map(([key, value]) => [
          `\`${key}\``,
          `\`${value}\``,
          parameterReason(site, key),
        ]),
      ),
      "",
    ]),
    ...(companions.length === 0
      ? []
      : [
          "Beside the classes:",
          "",
          ...markdownTable(
            ["Object", "Held", "Why"],
            companions.map(({ object, hold, why }) => [
              `${object.kind} \`${object.metadata.name}\``,
              hold === "own" ? "created and held" : "only the declared fields are set",
              why,
            ]),
          ),
          "",
        ]),
    ...failoverLines(plan.failover),
    "",
    ...markdownTable(
      ["Loss", "Survived", "Unattended", "Restore points readable", "Rule"],
      survival.verdicts.map((verdict) => [
        verdict.title,
        outcome(verdict),
        yesNo(verdict.unattended),
        verdict.restorePointsReadable,
        verdict.rule,
      ]),
    ),
    "",
    raise.existingVolumes === "backfilled"
      ? "When the factor is raised, existing volumes get further copies by themselves."
      : "When the factor is raised, existing volumes keep the copies they were made with.",
    ...(raise.command === undefined
      ? []
      : ["They follow with:", "", "```sh", raise.command, "```"]),
    "",
  ];
}

function failoverLines(failover: FailoverPlan): string[] {
  return failover.mode === "automatic"
    ? [
        `Fail-over is automatic: ${failover.mechanism}.`,
        "",
        `Are lost copies made again without a person? ${failover.rebuilds}.`,
      ]
    : [
        `Fail-over is manual: ${failover.why}.`,
        "",
        ...failover.steps.map((step, index) => `${index + 1}. ${step}`),
      ];
}

function outcome(verdict: Verdict): string {
  if (verdict.survived) {
    return "yes";
  }
  const what = [
    ...(verdict.readable ? [] : ["not readable"]),
    ...(verdict.writable ? [] : ["not writable"]),
    ...(verdict.splitBrain ? ["split brain"] : []),
    ...(verdict.acknowledgedWritesLost ? ["acknowledged writes lost"] : []),
  ];
  return `no: ${what.join(", ")}`;
}

function survived({ survival }: SitePlan, kind: Verdict["loss"]["kind"]): string {
  const verdicts = survival.verdicts.filter(({ loss }) => loss.kind === kind);
  const kept = verdicts.filter((verdict) => verdict.survived).length;
  return verdicts.length === 0 ? "none" : `${kept}/${verdicts.length}`;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
