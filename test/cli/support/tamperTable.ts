import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { projectRoot } from "../../../config/projectRoot";
import type { PlainPulumi } from "../../lab/support/plainPulumi";

const PAGE = join(projectRoot(), "docs", "reference", "drift-and-preview.md");

const RULE = "|---|---|---|\n";

/** Writes the page instead of holding its rows to what was seen. */
const isWritten = process.env["ATOM_ACCEPT"] === "1" && process.env["CI"] !== "true";

/** The exit code of the CLI for changes where none were expected. */
const CHANGES = 7;

/** What `pulumi preview --refresh --expect-no-changes` comes to: no change, one, or an error that hides all others. */
export async function engineSees(
  pulumi: PlainPulumi,
): Promise<"nothing" | "a change" | "an error"> {
  const { status } = await pulumi.run(["preview", "--refresh", "--expect-no-changes"]);
  return status === 0 ? "nothing" : status === CHANGES ? "a change" : "an error";
}

/** The rows of the tamper matrix on the page that compares `drift` with the engine alone. */
export class TamperTable {
  private readonly rows: string[] = [];
  private readonly page = readFileSync(PAGE, "utf8");

  /** @throws AssertionError where the page says something else of a row */
  add(title: string, finds: readonly string[], sees: string): void {
    const found = finds.map((one) => one.replaceAll(" | ", ", ").replace(/^(\w+) /, "`$1` "));
    const row = `| ${title} | ${found.join("; ") || "nothing"} | ${sees} |`;
    this.rows.push(row);
    if (!isWritten) {
      const said = this.page.split("\n").find((line) => line.startsWith(`| ${title} |`));
      equal(said, row, "ATOM_ACCEPT=1 writes the page anew");
    }
  }

  /** Writes the rows that were played in the place of theirs; others stay. */
  write(): void {
    if (!isWritten) {
      return;
    }
    const [head, rows = ""] = readFileSync(PAGE, "utf8").split(RULE);
    const all = new Map(
      [...rows.split("\n"), ...this.rows]
        .filter((row) => row !== "")
        .map((row) => [row.split(" | ")[0], row]),
    );
    writeFileSync(PAGE, `${head}${RULE}${[...all.values()].join("\n")}\n`);
  }
}
