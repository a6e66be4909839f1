import { join } from "node:path";
import { ESLint } from "eslint";
import ts from "typescript";
import { projectRoot } from "../../config/projectRoot";

/** What is compiled by itself, each folder with a tsconfig.json. */
const folders = [".", "sdks/vsphere"];

/** Checks types and lint on one program of the compiler, as finding the types is most of the work of both. */
async function checkSources(root: string): Promise<void> {
  const programs = folders.map((folder) => programOf(join(root, folder)));
  const wrong = programs.flatMap((program) => ts.getPreEmitDiagnostics(program));
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: { languageOptions: { parserOptions: { projectService: false, programs } } },
  });
  const results = await eslint.lintFiles(["."]);
  const formatter = await eslint.loadFormatter("stylish");
  const names = { getCanonicalFileName: (name: string) => name, getNewLine: () => "\n" };
  process.stdout.write(
    ts.formatDiagnostics(wrong, { ...names, getCurrentDirectory: () => root }) +
      (await formatter.format(results)),
  );
  const isClean = results.every(({ errorCount, warningCount }) => errorCount + warningCount === 0);
  process.exitCode = isClean && wrong.length === 0 ? 0 : 1;
}

function programOf(folder: string): ts.Program {
  const file = join(folder, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile) as { config: unknown };
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  return ts.createProgram(fileNames, { ...options, noEmit: true });
}

void checkSources(projectRoot());
