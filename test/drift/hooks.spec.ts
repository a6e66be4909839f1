import { deepStrictEqual, rejects } from "node:assert/strict";

import type { Hook, HookCall, Registration } from "../../engine/program/desiredState";
import { dryRunHooks, runHooks, settleHooks } from "../../drift/hooks";
import { planSteps } from "../../drift/plan";
import {
  deployedOf,
  desiredOf,
  hook,
  liveObject,
  liveOf,
  recorded,
  storageClass,
} from "./fixtures";
import { volumeSnapshot } from "./volumeFixtures";

describe("hooks of the program", () => {
  const refuse = (): void => {
    throw new Error("was cut and is gone");
  };

  function hooked(names: readonly string[], moment = "beforeCreate"): Registration {
    return storageClass({}, { hooks: { [moment]: names } });
  }

  async function dryRun(
    declared: Registration,
    hooks: readonly Hook[],
    live = liveOf({}),
  ): Promise<unknown> {
    const desired = desiredOf([declared], hooks);
    const deployed = deployedOf(
      live.cluster.state === "read" && live.cluster.value.objects.size > 0
        ? [recorded(declared)]
        : [],
    );
    const steps = planSteps({ desired, deployed, live, points: [] });
    return (await dryRunHooks(desired, steps)).map(({ kind, reason }) => [kind, reason]);
  }

  it("refuse a creation in a preview already", async () => {
    deepStrictEqual(await dryRun(hooked(["once"]), [hook("once", true, refuse)]), [
      ["refuse", "was cut and is gone"],
    ]);
  });

  it("are not asked in a preview unless they want to be", async () => {
    deepStrictEqual(await dryRun(hooked(["once"]), [hook("once", false, refuse)]), [
      ["create", "It is declared and not there."],
    ]);
  });

  it("are not asked where nothing is made", async () => {
    const declared = hooked(["once"]);
    const live = liveOf({ objects: [liveObject(declared)] });
    deepStrictEqual(await dryRun(declared, [hook("once", true, refuse)], live), [
      ["same", "As declared."],
    ]);
  });

  it("do not count where the program says that their errors do not", async () => {
    const lenient = { ...hook("once", true, refuse), ignoreErrors: true };
    deepStrictEqual(await dryRun(hooked(["once"]), [lenient]), [
      ["create", "It is declared and not there."],
    ]);
  });

  it("run in order with what the engine gives them, up to the first that throws", async () => {
    const calls: [string, HookCall][] = [];
    const note = (name: string): Hook => hook(name, false, (call) => calls.push([name, call]));
    const declared = hooked(["a", "b", "c"], "afterCreate");
    const hooks = [note("a"), hook("b", false, refuse), note("c")];
    await rejects(
      runHooks(desiredOf([declared], hooks), declared, "afterCreate", "atom-replicated"),
      {
        message: "was cut and is gone",
      },
    );
    const { urn, name, type, inputs } = declared;
    deepStrictEqual(calls, [
      [
        "a",
        {
          urn,
          id: "atom-replicated",
          name,
          type,
          newInputs: inputs,
          newOutputs: { ...inputs, id: "atom-replicated" },
        },
      ],
    ]);
  });

  it("have to be registered", async () => {
    const declared = hooked(["ghost"]);
    await rejects(runHooks(desiredOf([declared]), declared, "beforeCreate", ""), {
      message: `${declared.urn} names the hook ghost, which the program does not register.`,
    });
  });

  it("are made up for where a killed run has cut and not recorded", async () => {
    const called: string[] = [];
    const record = hook("record", false, ({ name, id }) => void called.push(`${name} ${id}`));
    const hooks = { afterCreate: ["record"] };
    const declared = [volumeSnapshot("data-0", { hooks }), storageClass({}, { hooks })];
    const claim = volumeSnapshot("data-1", { ignoreChanges: ["*"] });
    const steps = [...declared, claim].map((one) => ({
      kind: "same" as const,
      urn: one.urn,
      type: one.type,
      object: "",
      changes: [],
      reason: "",
      command: undefined,
      id: "the-id",
    }));
    const desired = desiredOf([...declared, claim], [record]);
    await settleHooks(desired, steps, ["adopt"]);
    deepStrictEqual(called, []);
    await settleHooks(desired, steps, ["same"]);
    deepStrictEqual(called, ["pre-24.1-volume-atom.data-0 the-id"]);
  });
});
