// Runs what the tutorial says, and expects what it shows: the part in which a restore point is taken and proven. The other
// parts are run by the tests of their commands.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../config/projectRoot";
import { Checkout } from "../cli/support/checkout";

const page = readFileSync(join(projectRoot(), "docs", "tutorial", "first-run.md"), "utf8");

/** Commands of one section, each block with the output that the page shows for it. */
function sectionOf(
  title: string,
): readonly { readonly commands: string; readonly shows: string }[] {
  const [, rest = ""] = page.split(`\n## ${title}\n`);
  const [section = ""] = rest.split(/\n## /u);
  return [...section.matchAll(/```sh\n([\s\S]*?)```(?:\s*```\n([\s\S]*?)```)?/gu)].map(
    ([, commands = "", shows = ""]) => ({ commands, shows }),
  );
}

/** The lines that the page shows stand in the output in this order; `…` is anything. */
function assertShows(output: string, shows: string): void {
  let rest = output.split("\n");
  for (const line of shows.split("\n").filter((text) => text !== "" && text !== "…")) {
    const parts = line.split("…").map((text) => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
    const pattern = new RegExp(`^${parts.join(".*")}$`, "u");
    const at = rest.findIndex((text) => pattern.test(text));
    assert.ok(at >= 0, `not shown: ${line}\n--- in:\n${output}`);
    rest = rest.slice(at + 1);
  }
}

describe("the tutorial", () => {
  let checkout: Checkout;

  before(() => {
    checkout = Checkout.create();
  });

  after(async () => {
    const run = await checkout.atom(["lab", "down"]);
    checkout.remove();
    assert.equal(run.status, 0, run.stderr);
  });

  function shell(commands: string): Promise<string> {
    const script = `exec 2>&1\n${commands.replaceAll("./atom ", "node dist/cli/main.js ")}`;
    const child = spawn("bash", ["-c", script], {
      cwd: checkout.root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve(output));
    });
  }

  it("brings the lab up", async () => {
    const [first] = sectionOf("1. Bring it up");
    assert.ok(first !== undefined);
    assertShows(await shell(first.commands), first.shows);
  });

  for (const [index, { commands, shows }] of sectionOf("5. Keep the product as it is").entries()) {
    it(`keeps the product, step ${index + 1}: ${commands.trim().split("\n").at(-1) ?? ""}`, async () => {
      assert.notEqual(shows, "");
      assertShows(await shell(commands), shows);
    });
  }
});
