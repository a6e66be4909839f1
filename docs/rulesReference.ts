import { howChecked, RULES } from "../site/preflight/rules/judge";
import { markdownTable } from "./markdownTable";

/** The page of the rules that `preflight` judges, from the table that it judges by. */
export function rulesPage(): string {
  return [
    "# Rules before an apply",
    "",
    "Made from `site/preflight/rules/` by `node dist/docs/generate.js`; edit there. [How to read them](../how-to/check-the-rules.md).",
    "",
    "`stack file`: the file is refused while it is broken, unless waived. `desired against live`: the comparison that",
    "`preview` shows. Names are the live checks' own: a waiver names the rule or the check.",
    "",
    ...markdownTable(
      ["No.", "Rule", "What has to hold", "Otherwise", "Checked by", "Fix", "Source"],
      RULES.map((rule) => [
        String(rule.number),
        `\`${rule.id}\``,
        rule.title,
        rule.reason,
        howChecked(rule),
        rule.fix,
        rule.source,
      ]),
    ),
    "",
    "## Without the stack file and without a live system",
    "",
    "These are judged by what is declared alone: by `./atom preview --offline`, and by the engine for any program,",
    "`pulumi up --policy-pack policy`, from a folder where `npm ci` ran.",
    "",
    RULES.flatMap(({ number, id, declared }) =>
      declared === undefined ? [] : [`${number} \`${id}\``],
    ).join(", ") + ".",
    "",
    "## Shown with an API double",
    "",
    "Each rule has a state that passes and states that fail in `test/site/preflight/rules.spec.ts`. The lab does not run these",
    "backends, so that a double answered for:",
    "",
    ...markdownTable(
      ["Rule", "The double stands for"],
      RULES.flatMap(({ number, id, double }) =>
        double === undefined ? [] : [[`${number} \`${id}\``, double]],
      ),
    ),
    "",
    "## Not looked at",
    "",
    "- The pods of the provisioner: a claim that stays pending tells.",
    "- Storage pools of LINSTOR, DiskPools, the CRUSH tree, storage policies: `preflight` says `not observed`, which is neither",
    "  pass nor fail, and does not stop `up`.",
    "",
  ].join("\n");
}
