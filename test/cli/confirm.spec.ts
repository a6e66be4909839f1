import assert from "node:assert/strict";
import { confirmChange } from "../../cli/confirm";
import { exitCodeOf, UsageError } from "../../site/exit";

describe("confirmation of a change", () => {
  it("is given by --yes and by the lab without asking", async () => {
    assert.equal(await confirmChange("?", { yes: true, lab: false, interactive: false }), true);
    assert.equal(await confirmChange("?", { yes: false, lab: true, interactive: false }), true);
  });

  it("is refused with exit code 2 where nobody can be asked", async () => {
    await assert.rejects(
      confirmChange("?", { yes: false, lab: false, interactive: false }),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.equal(
          error.message,
          "Nothing was changed: this command changes things and there is no terminal to ask on. " +
            "Look at the preview above and run it again with --yes.",
        );
        assert.equal(exitCodeOf(error), 2);
        return true;
      },
    );
  });
});
