// Shows what the program declares for every committed stack. Not shown here: what an engine makes of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../config/projectRoot";
import type { JsonValue } from "../../../config/rawConfiguration";
import { stackNames } from "../../../config/stackNames";
import { jsonText } from "../../../docs/jsonText";
import { collect } from "../../../engine/program/collect";
import { SECRET_MARK, type DesiredState } from "../../../engine/program/desiredState";
import { CollectError } from "../../../engine/program/runProgram";
import { acceptInto, KEPT_STACKS } from "../../support/accepted";
import { stackInput, withTaking } from "../../support/stacks";
import { Recording, withoutVersion } from "../../support/recorder";

const SNAPSHOT = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";
const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";
const CANARY = "canary-password-33";

/** The state as a file: everything but the hooks' code, and plugin versions, which are package.json's to say. */
function golden(state: DesiredState): JsonValue {
  const { project, stack, outputs } = state;
  const registrations = state.registrations.map(withoutVersion);
  const hooks = [...state.hooks.values()].map(({ name, onDryRun }) => ({ name, onDryRun }));
  return JSON.parse(JSON.stringify({ project, stack, registrations, outputs, hooks })) as JsonValue;
}

const goldenText = (state: DesiredState): string => jsonText(golden(state));

describe("collecting the committed stacks", () => {
  for (const stack of stackNames()) {
    describe(stack, () => {
      let state: DesiredState;
      before(async () => {
        state = await collect(stackInput(stack, { vcenterPassword: CANARY }));
      });

      it("declares the same a second time, in the same order", async () => {
        assert.equal(goldenText(await collect(stackInput(stack))), goldenText(state));
      });

      it("gives every custom resource an explicit provider of its own package", () => {
        for (const one of state.registrations.filter((each) => each.custom && !each.isProvider)) {
          const [provider] = one.type.split(":");
          assert.match(
            one.provider ?? "",
            new RegExp(`::pulumi:providers:${provider}::${provider}$`),
          );
        }
      });

      it("has a default class with copies and the rules that replace it", () => {
        const classes = state.registrations.filter((each) => each.type === CLASS);
        assert.ok(classes.length > 0);
        for (const one of classes) {
          assert.equal(one.deleteBeforeReplace, true);
          assert.deepEqual(one.replaceOnChanges, ["reclaimPolicy", "volumeBindingMode"]);
        }
      });

      it("holds neither a secret nor a path of a machine", () => {
        const text = goldenText(state);
        assert.equal(text.includes(CANARY), false);
        assert.equal(text.includes(projectRoot()), false);
        const vsphere = state.registrations.find(
          (each) => each.type === "pulumi:providers:vsphere",
        );
        assert.equal(vsphere?.inputs["password"] ?? SECRET_MARK, SECRET_MARK);
      });

      it("names every child after its component, so that two components never collide", () => {
        const byUrn = new Map(state.registrations.map((each) => [each.urn, each]));
        for (const one of state.registrations) {
          const parent = byUrn.get(one.parent ?? "");
          if (parent?.type.startsWith("atom:") === true) {
            assert.ok(one.name.startsWith(`${parent.name}-`), `${one.name} in ${parent.name}`);
          }
        }
      });
    });
  }

  for (const stack of KEPT_STACKS) {
    it(`declares for ${stack} what its golden file says (ATOM_ACCEPT=1 accepts a wanted change)`, async () => {
      const file = join(projectRoot(), "test", "engine", "program", "golden", `${stack}.json`);
      const state = await collect(stackInput(stack));
      acceptInto(file, "ATOM_ACCEPT", () => golden(state));
      assert.equal(goldenText(state), readFileSync(file, "utf8"));
    });
  }

  it("takes a point once: hooks write it down, and from then on the file is what counts", async () => {
    await withTaking(async (input, pointFile) => {
      const taking = new Recording(await collect(input));
      const members = taking.state.registrations.filter((each) => each.type === SNAPSHOT);
      assert.deepEqual(
        members.map((each) => each.name),
        ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"].map((node) => `pre-24.1-vm-atom-${node}`),
      );
      for (const [index, one] of members.entries()) {
        assert.deepEqual(Object.keys(one.hooks), ["afterCreate"]);
        await taking.callHooks(one, "afterCreate", { id: `snapshot-${index + 1}` });
      }
      assert.match(readFileSync(pointFile, "utf8"), /^state: ready$/m);

      const taken = new Recording(await collect(input));
      const recorded = taken.state.registrations.filter((each) => each.type === SNAPSHOT);
      assert.deepEqual(
        recorded.map((each) => [each.urn, each.inputs]),
        members.map((each) => [each.urn, each.inputs]),
      );
      for (const one of recorded) {
        assert.deepEqual(one.ignoreChanges, ["*"]);
        await assert.rejects(taken.callHooks(one, "beforeCreate"), /and is gone; run \.\/atom up/);
      }
    });
  });

  it("reports all problems of a site in one message and no stack trace", async () => {
    const input = stackInput("lab");
    input.config["atom-backup:replicationFactor"] = "0";
    input.config["atom-backup:backend"] = "linstro";
    await assert.rejects(collect(input), (error) => {
      assert.ok(error instanceof CollectError);
      assert.equal(error.kind, "program");
      assert.match(error.message, /replicationFactor/);
      assert.match(error.message, /backend/);
      assert.doesNotMatch(error.message, /\n\s+at /);
      return true;
    });
  });

  it("says what to do when the program is not compiled", async () => {
    const options = { root: "/nonexistent", stack: "lab", config: {}, secretKeys: [] };
    await assert.rejects(collect(options), {
      message: "dist/index.js is missing. Run `npm run build` first.",
    });
  });
});
