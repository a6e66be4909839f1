import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";

/** What is read of Pulumi.yaml. */
interface Project {
  readonly name: string;
  readonly main?: string;
  readonly runtime: unknown;
  readonly backend?: { readonly url?: string };
}

/**
 * Reads Pulumi.yaml; a state folder in it is absolute.
 *
 * @param backendUrl of the state, instead of the project's; an empty one counts as none
 */
export async function readProject(
  folder: string,
  backendUrl: string | undefined,
): Promise<Project> {
  const project = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as Project;
  const url = backendUrl === "" ? project.backend?.url : (backendUrl ?? project.backend?.url);
  return url === undefined ? project : { ...project, backend: { url: absolute(url, folder) } };
}

/**
 * Gives a command of the CLI a folder with the project of `folder`, its program compiled: as sources, the engine would
 * compile it at every run, which takes longer than everything else of a preview. It is also the program that this process
 * runs itself. Stack files belong into the folder itself, which is removed afterwards.
 *
 * @param folder of Pulumi.yaml; `dist/index.js` below it is the compiled program, the project's own runs where there is none
 */
export async function inCompiledProject<T>(
  folder: string,
  project: Project,
  work: (project: string) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "atom-project-"));
  try {
    const main = join(folder, "dist", "index.js");
    const program = existsSync(main)
      ? { main, runtime: { name: "nodejs", options: { typescript: false } } }
      : { main: resolve(folder, project.main ?? ".") };
    await writeFile(
      join(scratch, "Pulumi.yaml"),
      stringify({ ...project, ...program, stackConfigDir: "." }),
    );
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A relative state folder is one of the project. */
function absolute(url: string, folder: string): string {
  const path = /^file:\/\/(\..*)$/.exec(url)?.[1];
  return path === undefined ? url : `file://${resolve(folder, path)}`;
}
