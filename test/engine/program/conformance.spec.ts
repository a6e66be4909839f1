// Shows that the program over the engine's real protocol registers what collect() says. Not shown here: what a real
// engine does with it.
import assert from "node:assert/strict";
import { stackNames } from "../../../config/stackNames";
import type { DesiredState, Registration } from "../../../engine/program/desiredState";
import { runOverEngine, type EngineRun } from "../../support/engine";
import { collectInput, stackInput, withTaking, type StackInput } from "../../support/stacks";

const CANARY = "canary-password-34";
const DEBUG = 0;

function byUrn(registrations: readonly Registration[]): Registration[] {
  return [...registrations].sort((one, two) => (one.urn < two.urn ? -1 : 1));
}

function onDryRun(hooks: ReadonlyMap<string, { readonly onDryRun: boolean }>): string[] {
  return [...hooks].map(([name, hook]) => `${name}: ${hook.onDryRun}`).sort();
}

function assertEqual(run: EngineRun, state: DesiredState): void {
  const loud = run.log.filter((line) => line.severity > DEBUG).map((line) => line.message);
  assert.equal(run.exitCode, 0, [...loud, run.printed].join("\n"));
  assert.deepEqual(byUrn(run.registrations), byUrn(state.registrations));
  assert.deepEqual(run.outputs, state.outputs);
  assert.deepEqual(onDryRun(run.hooks), onDryRun(state.hooks));
}

async function compare(input: StackInput, sources = false): Promise<EngineRun> {
  const run = await runOverEngine({ ...input, sources });
  assertEqual(run, await collectInput(input));
  return run;
}

describe("the program over the engine's protocol", function () {
  // Each case is a process of its own.
  this.timeout(120_000);

  for (const stack of stackNames()) {
    it(`registers for ${stack} what collect() says, and tells no secret`, async () => {
      const run = await compare(stackInput(stack, { vcenterPassword: CANARY }), stack === "lab");
      assert.ok(run.log.some((line) => line.severity === DEBUG));
      assert.deepEqual(
        run.log.filter((line) => line.message.includes(CANARY)),
        [],
      );
      assert.equal(run.printed.includes(CANARY), false);
    });
  }

  it("does so for a point that is being taken, and refuses in a preview to take it again", async () => {
    await withTaking(async (input) => {
      const taking = await compare(input);
      assert.equal(taking.registrations.filter((each) => "afterCreate" in each.hooks).length, 6);

      const collected = await collectInput(input);
      for (const [index, one] of collected.registrations.entries()) {
        for (const name of one.hooks["afterCreate"] ?? []) {
          const { urn, type } = one;
          await collected.hooks.get(name)?.call({ urn, type, name: one.name, id: `s-${index}` });
        }
      }
      const taken = await runOverEngine({ ...input, callHooks: true });
      assertEqual(taken, await collectInput(input));
      assert.equal(taken.hookErrors.length, 6);
      assert.match(
        taken.hookErrors[0] ?? "",
        /^VM snapshot atom\.lab\.pre-24\.1 of node atom-a-1 /,
      );
    });
  });

  it("reports all problems of a site once, without a stack trace, and fast", async () => {
    const input = stackInput("lab");
    input.config["atom-backup:replicationFactor"] = "0";
    input.config["atom-backup:backend"] = "linstro";
    const run = await runOverEngine(input);
    const [error, ...more] = run.log.filter((line) => line.severity > DEBUG + 2);
    assert.equal(run.exitCode, 32);
    assert.deepEqual(more, []);
    assert.match(error?.message ?? "", /replicationFactor[^]*backend|backend[^]*replicationFactor/);
    assert.doesNotMatch(error?.message ?? "", /\n\s+at |unhandled exception/);
    assert.equal(run.registrations.filter((each) => each.custom).length, 0);
  });
});
