import { match, ok, strictEqual } from "node:assert/strict";
import { explainFailure } from "../../engine/failure";
import type { FailedRun } from "../../engine/failure";
import { takenOnceError, lockedError } from "./observed";

const run: FailedRun = { what: "up", stack: "lab", exitCode: 1, diagnostics: [], stderr: "" };

describe("a failed run of the CLI", () => {
  it("quotes the engine's own errors, each once", () => {
    const { kind, message } = explainFailure({
      ...run,
      diagnostics: [takenOnceError, takenOnceError],
    });
    strictEqual(kind, "failed");
    strictEqual(message, `pulumi up ended with exit code 1.\n  ${takenOnceError}`);
  });

  it("of a locked stack names the holder and the command for a stale lock, and runs it never", () => {
    const { kind, message } = explainFailure({ ...run, stderr: lockedError });
    strictEqual(kind, "locked");
    match(message, /remove the stale lock with: pulumi cancel --stack lab/);
    ok(message.includes("created by root@vm (pid 7548)"));
  });

  it("without or with a wrong passphrase names the variables", () => {
    for (const stderr of [
      "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
      "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    ]) {
      const { kind, message } = explainFailure({ ...run, stderr });
      strictEqual(kind, "credentials");
      match(message, /set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE/);
    }
  });

  it("tells a missing stack and a cancelled run by the exit code", () => {
    strictEqual(explainFailure({ ...run, exitCode: 6 }).kind, "noStack");
    strictEqual(explainFailure({ ...run, exitCode: 8 }).kind, "cancelled");
  });

  it("that was interrupted says so, whatever became of it", () => {
    // The engine ends with 1 when the program, interrupted with it, no longer answers its hooks.
    const { kind, message } = explainFailure({ ...run, interrupted: true });
    strictEqual(kind, "cancelled");
    match(message, /^pulumi up was interrupted\. .* the same command goes on from there/);
    const preview = explainFailure({ ...run, what: "preview", interrupted: true });
    strictEqual(preview.message, "pulumi preview was interrupted. Nothing was changed.");
  });

  it("that was killed says that running it again makes nothing twice", () => {
    match(explainFailure({ ...run, exitCode: undefined }).message, /was killed .* not made twice/);
  });
});
