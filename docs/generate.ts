import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { pointEditorSchema, stackFileSchema } from "./editorSchema";
import { projectRoot } from "../config/projectRoot";
import { configurationPage } from "./configurationReference";
import { backendIds, backendOf } from "../planning";
import { pointFileSchema } from "../planning/schema/pointFile";
import { siteSchema } from "../planning/schema/site";
import { buildProgram } from "../cli/program";
import { backendPage, decisionPage } from "./backendReference";
import { commandTables } from "./commandReference";
import { componentReference, componentSources } from "./componentReference";
import { jsonText } from "./jsonText";
import { modelPlans } from "./modelSites";
import { rightsPage } from "./rightsReference";
import { rulesPage } from "./rulesReference";

/** A file of the repository that is made from the code. */
export interface GeneratedDocument {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

/** All of them, as they should be. */
export function generatedDocuments(): readonly GeneratedDocument[] {
  const backends = backendIds.map(backendOf);
  const plans = modelPlans(projectRoot());
  return [
    {
      path: "docs/reference/configuration.md",
      text: configurationPage(siteSchema, pointFileSchema, backends),
    },
    {
      path: "docs/reference/components.md",
      text: componentReference(componentSources(projectRoot())),
    },
    { path: commandsPage, text: filled(commandsPage, commandTables(buildProgram())) },
    { path: "docs/reference/backends.md", text: decisionPage(backends, plans) },
    ...backends.map((backend) => ({
      path: `docs/reference/backends/${backend.id}.md`,
      text: backendPage(
        backend,
        plans.filter(({ site }) => site.backend === backend.id),
      ),
    })),
    { path: "docs/reference/rights.md", text: rightsPage(plans) },
    { path: "docs/reference/rules.md", text: rulesPage() },
    { path: "docs/reference/site.schema.json", text: jsonText(stackFileSchema(siteSchema)) },
    {
      path: "docs/reference/restore-point.schema.json",
      text: jsonText(pointEditorSchema(pointFileSchema)),
    },
  ];
}

const commandsPage = "docs/reference/commands.md";

/** A page by hand whose part between two marks is made. */
function filled(path: string, made: string): string {
  const [before = "", rest = ""] = readFileSync(join(projectRoot(), path), "utf8").split(BEGIN);
  return `${before}${BEGIN}\n\n${made}\n${END}${rest.split(END)[1] ?? ""}`;
}

const BEGIN = "<!-- made by node dist/docs/generate.js -->";
const END = "<!-- made until here -->";

/** Those whose file is missing or says something else. */
export function staleDocuments(root: string): readonly GeneratedDocument[] {
  return generatedDocuments().filter(({ path, text }) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
}

function main(args: readonly string[]): number {
  const root = projectRoot();
  const stale = staleDocuments(root);
  if (!args.includes("--check")) {
    for (const { path, text } of stale) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return 0;
  }
  for (const { path } of stale) {
    process.stderr.write(`${path} is stale; run: npm run build && node dist/docs/generate.js\n`);
  }
  return stale.length === 0 ? 0 : 1;
}

if (require.main === module) {
  process.exitCode = main(process.argv.slice(2));
}
