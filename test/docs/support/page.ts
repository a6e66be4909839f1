import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../../config/projectRoot";

/** A block of commands, with the output that the page shows for it. */
export interface Block {
  readonly commands: string;
  readonly shows: string;
}

/** Text of a page of the documentation. @param path below `docs` */
export function pageOf(path: string): string {
  return readFileSync(join(projectRoot(), "docs", path), "utf8");
}

/** Titles of a page's sections that have commands. */
export function sectionsOf(page: string): readonly string[] {
  const titles = [...page.matchAll(/^## (.+)$/gmu)].map(([, title = ""]) => title);
  return titles.filter((title) => blocksOf(page, title).length > 0);
}

/** Blocks of one section. */
export function blocksOf(page: string, title: string): readonly Block[] {
  const [, rest = ""] = page.split(`\n## ${title}\n`);
  const [section = ""] = rest.split(/\n## /u);
  return [...section.matchAll(/```sh\n([\s\S]*?)```(?:\s*```\n([\s\S]*?)```)?/gu)].map(
    ([, commands = "", shows = ""]) => ({ commands, shows }),
  );
}

/** Arguments that a section gives to `./atom`, one command after the other. @param point takes the place of pre-24.2 */
export function callsOf(page: string, title: string, point: string): readonly string[][] {
  const lines = blocksOf(page, title).flatMap(({ commands }) => commands.trim().split("\n"));
  return lines.map((line) => {
    const call = line.replace(/#.*$/u, "").trim().replace("pre-24.2", point);
    return call.split(" ").slice(1);
  });
}

/** Runs commands of a page in a checkout, by a shell. @returns also the exit code of the last */
export function runBlock(
  root: string,
  commands: string,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const script = `exec 2>&1\n${commands.replaceAll("./atom ", "node dist/cli/main.js ")}`;
  const child = spawn("bash", ["-c", script], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}

/** The lines that the page shows stand in the output in this order; `…` is anything. */
export function assertShows(output: string, shows: string): void {
  let rest = output.split("\n");
  for (const line of shows.split("\n").filter((text) => text !== "" && text !== "…")) {
    const parts = line.split("…").map((text) => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`, "u");
    const at = rest.findIndex((text) => pattern.test(text));
    assert.ok(at >= 0, `not shown: ${line}\n--- in:\n${output}`);
    rest = rest.slice(at + 1);
  }
}
