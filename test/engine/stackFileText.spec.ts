import { strictEqual } from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeAdditions } from "../../engine/stackFileText";

const text = "# Oslo\nconfig:\n  atom-backup:replicationFactor: 2 # copies\n  list: [a, b]\n";

/** The same as `pulumi stack init` of 3.259 was seen to rewrite it. */
const rewritten =
  '# Oslo\nconfig:\n  atom-backup:replicationFactor: "2" # copies\n  list: [ a, b ]\n' +
  "encryptionsalt: v1:As92uRnf+No=:v1:sXSsB8DUnJJUNtbM:6nBrve6R54m\n";

describe("a stack file of which the CLI writes into a copy", () => {
  let folder: string;
  let file: string;
  let copy: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atom-text-"));
    file = join(folder, "Pulumi.oslo.yaml");
    copy = join(folder, "copy.yaml");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function after(before: string, written: string): Promise<string> {
    await writeFile(file, before);
    await writeFile(copy, written);
    takeAdditions(copy, file);
    return readFile(file, "utf8");
  }

  it("keeps its text and gets the salt", async () => {
    const salt = "encryptionsalt: v1:As92uRnf+No=:v1:sXSsB8DUnJJUNtbM:6nBrve6R54m\n";
    strictEqual(await after(text, rewritten), text + salt);
  });

  it("is left alone where the CLI wrote nothing new", async () => {
    const complete = `encryptionsalt: v1:old\n${text}`;
    strictEqual(await after(complete, complete), complete);
    strictEqual(await after(complete, complete.replace("[a, b]", "[ a, b ]")), complete);
  });
});
