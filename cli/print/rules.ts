import { waiverText, type Finding } from "../../site/preflight/finding";
import type { Review } from "../../site/preflight/review";
import type { Verdict } from "../../site/preflight/rules/rule";
import { tableLines } from "./answer";

const words: Readonly<Record<Verdict, string>> = {
  pass: "pass",
  fail: "FAIL",
  waived: "waived",
  unknown: "UNKNOWN",
  notObserved: "not observed",
};

/** Every rule on a line, what was found below, then what is no rule's. */
export function reviewLines({ rules, others, clusterUid, vcenterUuid }: Review): string[] {
  const table = tableLines([
    ["", "RULE", "VERDICT", "CHECKED BY"],
    ...rules.map(({ number, id, verdict, checked }) => [
      String(number),
      id,
      words[verdict],
      checked,
    ]),
  ]);
  const told = rules.filter(({ findings }) =>
    findings.some(({ severity }) => severity !== "notObserved"),
  );
  const counts = (Object.keys(words) as Verdict[])
    .map((verdict) => [words[verdict], rules.filter((one) => one.verdict === verdict).length])
    .filter(([, count]) => count !== 0);
  return [
    `cluster ${clusterUid ?? "not read"}${vcenterUuid === undefined ? "" : `, vCenter ${vcenterUuid}`}`,
    ...table,
    ...told.flatMap(({ number, id, title, reason, fix, findings }) => [
      "",
      `${number} ${id}: ${title}; otherwise ${reason}.`,
      ...findings.flatMap(findingLines),
      `  fix: ${fix}`,
    ]),
    ...(others.length === 0 ? [] : ["", "Besides:", ...others.flatMap(findingLines)]),
    "",
    counts.map(([word, count]) => `${String(count)} ${String(word)}`).join(", "),
  ];
}

function findingLines({ severity, check, object, message, remedy, waiver }: Finding): string[] {
  return severity === "notObserved"
    ? []
    : [
        `  ${waiver === undefined ? severity : "waived"}: ${object}: ${message} (${check})`,
        ...(waiver !== undefined
          ? [`      ${waiverText(waiver)}`]
          : remedy === undefined
            ? []
            : [`      ${remedy}`]),
      ];
}
