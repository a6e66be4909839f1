import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { engineConfiguration } from "../../config/engineConfiguration";
import { loadSite, vcenterPassword } from "../../config/load";
import { parseSite } from "../../config/parseSite";
import { ConfigurationError } from "../../config/problems";
import type { JsonMap } from "../../config/rawConfiguration";
import { readConfiguration } from "../../config/readConfiguration";
import { parseStackText } from "../../config/stackFile";
import { assertTold } from "../support/told";
import { raw, smallest, withVms } from "./fixture";

// The engine's own way of handing configuration over; the engine itself is not run here.

const variable = "VSPHERE_PASSWORD";

function engine(stack: string, config: Record<string, string>, secretKeys: string[] = []): void {
  pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "atom-backup",
    stack,
    true,
  ) as unknown;
  pulumi.runtime.setAllConfig(config, secretKeys);
}

function engineOf(values: JsonMap, secrets: Record<string, string>): void {
  const { config, secretKeys } = engineConfiguration({ values }, secrets);
  engine("demo", config, secretKeys);
}

/** The error that an action throws; how it looks to the engine counts. */
function thrown(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("what the program loads", () => {
  const before = process.env[variable];

  beforeEach(() => {
    delete process.env[variable];
  });

  after(() => {
    if (before !== undefined) {
      process.env[variable] = before;
    }
    pulumi.runtime.setAllConfig({});
  });

  it("is the site that the commands read, point files included", () => {
    const reading = readConfiguration("lab");
    const { config, secretKeys } = engineConfiguration(reading.raw);
    engine("lab", { ...config, "kubernetes:context": "other" }, secretKeys);
    assert.deepEqual(loadSite(), parseSite(reading.raw));
  });

  it("is refused with all problems, in the words of the commands and without a stack", () => {
    const values: JsonMap = {
      ...smallest,
      replicationFactor: "two",
      colour: "red",
      failover: "no",
    };
    engineOf(values, {});
    const error = thrown(loadSite);
    const expected = thrown(() => parseSite(raw(values)));
    assert.ok(expected instanceof ConfigurationError);
    assert.equal(expected.problems.length, 3);
    assert.equal(error.message, expected.message);
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(error.stack, undefined);
  });

  it("sees keys that the program does not know, and takes the engine's older spelling", () => {
    const { config } = engineConfiguration({ values: smallest });
    const older = Object.fromEntries(
      Object.entries(config).map(([key, text]) => [key.replace(":", ":config:"), text]),
    );
    const literal = { "atom-backup:config:topology.sites[0].name": "x" };
    engine("demo", { ...older, ...literal }, ["atom-backup:vcenterPassword"]);
    assert.equal(
      thrown(loadSite).message,
      'stacks/Pulumi.demo.yaml: 1 problem\n  "topology.sites[0].name": is a literal key, which nothing reads. Write it nested, under topology: ./atom does so with -c, pulumi config set with --path.',
    );
  });

  it("refuses a namespace that is ours but for a slip, as the commands do", () => {
    const { config } = engineConfiguration({ values: smallest });
    const slips = ["atom-bakcup:survive", "\u0430tom-backup:survive", "Atom-backup:survive"];
    for (const key of slips) {
      engine("demo", { ...config, [key]: "site", "atom:survive": "site", "atomic:x": "1" }, [
        "atom-backup:vcenterPassword",
      ]);
      const lines = [...Object.entries(smallest), ["", ""]].map(([name, value]) =>
        name === ""
          ? `  "${key}": site`
          : `  atom-backup:${String(name)}: ${JSON.stringify(value)}`,
      );
      const { problems } = parseStackText(`config:\n${lines.join("\n")}\n`, "", "");
      assert.deepEqual(
        problems.map(({ path, allowed }) => [path, allowed]),
        [[key, "Did you mean atom-backup:survive?"]],
      );
      assertTold(thrown(loadSite).message.split("\n"), [
        "stacks/Pulumi.demo.yaml: 1 problem",
        `  ${key}: … Did you mean atom-backup:survive?`,
      ]);
    }
  });

  it("refuses a secret in a map without printing anything of it", () => {
    const { config } = engineConfiguration({ values: withVms });
    const key = "atom-backup:virtualMachines";
    engine("demo", { ...config, [key]: '{"user":"hunter2"}' }, [
      key,
      "atom-backup:vcenterPassword",
    ]);
    assert.equal(
      thrown(loadSite).message,
      "stacks/Pulumi.demo.yaml: 1 problem\n  virtualMachines: holds a secret, which makes the whole key secret. Write it in clear. Keys that are secret: vcenterPassword.",
    );
  });

  it("refuses a password that stands in clear, without printing it", () => {
    engineOf(withVms, { vcenterPassword: "hunter2" });
    const { config } = engineConfiguration({ values: withVms }, { vcenterPassword: "hunter2" });
    engine("demo", config, []);
    const { message } = thrown(loadSite);
    assert.match(message, /vcenterPassword: stands in clear\./);
    assert.ok(!message.includes("hunter2"));
  });

  it("needs a password where there are VMs, from the stack or the variable", () => {
    const { config } = engineConfiguration({ values: withVms });
    delete config["atom-backup:vcenterPassword"];
    engine("demo", config, []);
    assert.equal(
      thrown(loadSite).message,
      "stacks/Pulumi.demo.yaml: 1 problem\n  vcenterPassword: is missing. Set it with pulumi config set --secret vcenterPassword, or set the variable VSPHERE_PASSWORD.",
    );
    const alone = thrown(vcenterPassword);
    assert.ok(pulumi.RunError.isInstance(alone));
    process.env[variable] = "from-variable";
    assert.equal(loadSite().stack, "demo");
  });

  it("is a password that is always secret, the stack's before the variable's", async () => {
    process.env[variable] = "from-variable";
    const read = (password: pulumi.Output<string>): Promise<unknown[]> =>
      Promise.all([pulumi.isSecret(password), new Promise((resolve) => password.apply(resolve))]);
    const { config } = engineConfiguration({ values: withVms }, { vcenterPassword: "own" });
    engine("demo", config, ["atom-backup:vcenterPassword"]);
    assert.deepEqual(await read(vcenterPassword()), [true, "own"]);
    delete config["atom-backup:vcenterPassword"];
    engine("demo", config);
    assert.deepEqual(await read(vcenterPassword()), [true, "from-variable"]);
  });
});
