import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import { Config } from "@pulumi/pulumi";
import type { Waiver } from "../planning/site";
import { RULES, waive } from "../site/preflight/rules/judge";
import type { Declared } from "../site/preflight/rules/rule";

/** A resource as the engine shows it: of one that lives, its outputs, which say what was declared and more. */
function declaredBy({ type, name, props, opts }: PolicyResource): Declared {
  return { type, name, inputs: props, deleteBeforeReplace: opts.deleteBeforeReplace === true };
}

// Those of the stack file, where the program has one.
const waivers = new Config("atom-backup").getObject<readonly Waiver[]>("waivers") ?? [];

// All of a stack at once: a second default class, say, is seen beside the first one only.
new PolicyPack("atom-backup", {
  policies: RULES.flatMap(({ number, id, title, reason, declared }) =>
    declared === undefined
      ? []
      : {
          name: id,
          description: `Rule ${number}: ${title}; otherwise ${reason}.`,
          enforcementLevel: "mandatory",
          validateStack: ({ resources }, report) => {
            const found = waive(declared(resources.map(declaredBy)), { waivers }, new Date());
            for (const { severity, object, message, waiver } of found) {
              if (severity === "error" && waiver === undefined) {
                report(`${object}: ${message}`);
              }
            }
          },
        },
  ),
});
