// Shows what collecting refuses and what it keeps. That the real engine gets the same: the lab tests of `up`.
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CollectError } from "../../../engine/program/runProgram";
import { SECRET_MARK, UNKNOWN_MARK } from "../../../engine/program/desiredState";
import { RecordingMonitor } from "../../../engine/program/monitor";
import { SupportsFeatureRequest } from "@pulumi/pulumi/proto/resource_pb";
import { record } from "../../support/recorder";

class Thing extends pulumi.CustomResource {
  declare public readonly computed: pulumi.Output<string>;

  public constructor(name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, { computed: undefined, ...inputs }, opts);
  }
}

function refused(
  kind: CollectError["kind"],
  message: string | RegExp,
): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof CollectError);
    assert.equal(error.kind, kind);
    if (typeof message === "string") {
      assert.equal(error.message, message);
    } else {
      assert.match(error.message, message);
    }
    return true;
  };
}

describe("collecting a program", () => {
  it("keeps every option of a registration", async () => {
    const recording = await record(() => {
      const first = new Thing("first", { text: "t" });
      new Thing(
        "second",
        { list: [1, true, null, { deep: "d" }], absent: undefined },
        {
          parent: first,
          dependsOn: [first],
          protect: true,
          retainOnDelete: true,
          deleteBeforeReplace: true,
          replaceOnChanges: ["list"],
          ignoreChanges: ["text"],
          additionalSecretOutputs: ["computed"],
          aliases: [{ name: "old" }, "urn:pulumi:test::p::t::n"],
          version: "1.2.3",
        },
      );
    });
    const { urn: first } = recording.one("test:index:Thing", "first");
    assert.deepEqual(recording.one("test:index:Thing", "second"), {
      urn: "urn:pulumi:test::atom-backup::test:index:Thing$test:index:Thing::second",
      type: "test:index:Thing",
      name: "second",
      custom: true,
      isProvider: false,
      inputs: { list: [1, true, null, { deep: "d" }] },
      secretInputs: [],
      parent: first,
      provider: undefined,
      dependsOn: [first],
      protect: true,
      retainOnDelete: true,
      deleteBeforeReplace: true,
      replaceOnChanges: ["list"],
      ignoreChanges: ["text"],
      additionalSecretOutputs: ["computed"],
      aliases: [{ name: "old", parent: first }, "urn:pulumi:test::p::t::n"],
      version: "1.2.3",
      hooks: {},
    });
  });

  it("refuses an option that it does not keep", async () => {
    const options: Readonly<Record<string, pulumi.CustomResourceOptions>> = {
      import: { import: "id-7" },
      customTimeouts: { customTimeouts: { create: "5m" } },
      hideDiffs: { hideDiffs: ["list"] },
    };
    for (const [name, option] of Object.entries(options)) {
      await assert.rejects(
        record(() => new Thing("first", {}, option)),
        refused("internal", new RegExp(`"first" uses "${name}"`)),
      );
    }
  });

  it("replaces secrets by a mark and says where they were", async () => {
    const recording = await record(
      () => {
        new Thing("first", { plain: "p", nested: { key: pulumi.secret("canary-1") } });
        return { out: new pulumi.Config("atom-backup").requireSecret("token") };
      },
      { config: { "atom-backup:token": "canary-2" }, secretKeys: ["atom-backup:token"] },
    );
    const { inputs, secretInputs } = recording.one("test:index:Thing", "first");
    assert.deepEqual(inputs, { plain: "p", nested: { key: SECRET_MARK } });
    assert.deepEqual(secretInputs, ["nested.key"]);
    assert.deepEqual(recording.state.outputs, { out: SECRET_MARK });
    assert.equal(JSON.stringify([...recording.state.registrations]).includes("canary"), false);
  });

  it("refuses an input that only a deployment would compute", async () => {
    const program = (): void => {
      const first = new Thing("first", {});
      new Thing("second", { spec: { from: first.computed } });
    };
    await assert.rejects(
      record(program),
      refused(
        "internal",
        'test:index:Thing "second": spec.from would be known only after a deployment; ' +
          "no input may depend on a computed output",
      ),
    );
  });

  it("marks stack outputs that only a deployment would compute", async () => {
    const recording = await record(() => ({ id: new Thing("first", {}).id, known: 1 }));
    assert.deepEqual(recording.state.outputs, { id: UNKNOWN_MARK, known: 1 });
  });

  it("refuses calls that need a real engine", async () => {
    const invoke = (): void => {
      void pulumi.runtime.invoke("test:index:get", {}).catch(() => undefined);
    };
    await assert.rejects(
      record(invoke),
      refused("internal", 'The program uses "invoke", which needs a real engine'),
    );
  });

  it("refuses a feature that it does not know", () => {
    const monitor = new RecordingMonitor("p", "s");
    const request = new SupportsFeatureRequest();
    request.setId("telepathy");
    const answers: (Error | null)[] = [];
    monitor.supportsFeature(request, (error) => answers.push(error));
    const message = 'The SDK asks for the unknown feature "telepathy"';
    assert.deepEqual(
      answers.map((error) => error?.message),
      [message],
    );
    assert.deepEqual(
      monitor.refusals.map((error) => error.message),
      [message],
    );
  });

  it("refuses two resources of one URN and a program that uses transforms", async () => {
    const twice = (): void => {
      new Thing("first", {});
      new Thing("first", {});
    };
    await assert.rejects(
      record(twice),
      refused("internal", 'test:index:Thing "first" is registered twice'),
    );
    const transform = (): void => {
      new Thing("first", {}, { transforms: [() => undefined] });
    };
    await assert.rejects(record(transform), refused("internal", /does not support transforms/));
  });

  it("says what the program says, and nothing else, when the program refuses", async () => {
    const program = (): void => {
      throw new pulumi.RunError("backend = x: is unknown.\nclasses: is empty.");
    };
    await assert.rejects(
      record(program),
      refused("program", "backend = x: is unknown.\nclasses: is empty."),
    );
  });

  it("tells a fault of the program from a refusal", async () => {
    const program = (): void => {
      throw new TypeError("x is no function");
    };
    await assert.rejects(record(program), refused("internal", "x is no function"));
  });

  it("leaves nothing behind: configuration, listeners, an earlier failure", async () => {
    const listeners = process.listeners("unhandledRejection");
    const options = { config: { "atom-backup:a": "1" }, secretKeys: ["atom-backup:a"] };
    await assert.rejects(
      record(() => {
        throw new Error("first");
      }, options),
    );
    assert.deepEqual(process.listeners("unhandledRejection"), listeners);
    assert.deepEqual(pulumi.runtime.allConfig(), {});
    const recording = await record(() => ({ a: new pulumi.Config("atom-backup").get("a") ?? "-" }));
    assert.deepEqual(recording.state.outputs, { a: "-" });
  });

  it("refuses two runs at once: the SDK's runtime is one per process", async () => {
    const [first, second] = await Promise.allSettled([record(() => ({})), record(() => ({}))]);
    assert.equal(first.status, "fulfilled");
    assert.equal(second.status, "rejected");
    assert.match(String(second.reason), /cannot be collected at once/);
  });

  it("keeps what the program tells the operator away from standard output", async () => {
    const printed: unknown[][] = [];
    const { log } = console;
    console.log = (...data) => printed.push(data);
    try {
      await record(async () => {
        await pulumi.log.info("a note");
        console.log("something else");
      });
      assert.deepEqual(printed, [["something else"]]);
    } finally {
      console.log = log;
    }
  });

  it("runs hooks in the process, with the hook's own message", async () => {
    const called: string[] = [];
    const recording = await record(() => {
      const hook = new pulumi.ResourceHook("refuse", ({ name, id }) => {
        called.push(`${name} ${id}`);
        throw new Error("no");
      });
      new Thing("first", {}, { hooks: { beforeCreate: [hook] } });
    });
    const first = recording.one("test:index:Thing", "first");
    await assert.rejects(recording.callHooks(first, "beforeCreate", { id: "7" }), {
      message: "no",
    });
    assert.deepEqual(called, ["first 7"]);
  });
});
