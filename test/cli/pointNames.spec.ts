import { match, rejects } from "node:assert/strict";

import fc from "fast-check";

import { create } from "../../cli/commands/restorePoint/create";
import { expire } from "../../cli/commands/restorePoint/expire";
import { show } from "../../cli/commands/restorePoint/show";
import { verify } from "../../cli/commands/restorePoint/verify";
import { isPointName } from "../../config/pointFile";
import { UsageError } from "../../planning/errors";

const stack = "lab";
const commands: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  create: (name) => create(name, { stack, yes: true }),
  show: (name) => show(name, { stack, json: false }),
  verify: (name) => verify(name, { stack, only: [], parallel: 1, json: false }),
  expire: (name) => expire(name, { stack, due: false, dryRun: false, yes: true, json: false }),
};

/** Names that would lead out of a folder, be a label no more, or be another object's. */
const hostile = fc
  .oneof(
    fc.constantFrom(
      "../../../prec/precious",
      "..",
      ".",
      "",
      "a/b",
      "a\\b",
      "a\0b",
      "-a",
      "a.",
      "A",
    ),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(".", "/", "a", "-", "%", " "), minLength: 1, maxLength: 80 }),
  )
  .filter((name) => !isPointName(name));

// Neither a stack nor a lab is opened before: nothing can have been written.
describe("a name that is none of a restore point", () => {
  for (const [command, run] of Object.entries(commands)) {
    it(`is refused by ${command} before anything is touched`, () =>
      fc.assert(
        fc.asyncProperty(hostile, async (name) => {
          await rejects(run(name), (error: unknown) => {
            match(
              (error as Error).message,
              /is no name of a restore point\. Allowed: small letters/,
            );
            return error instanceof UsageError;
          });
        }),
      ));
  }
});
