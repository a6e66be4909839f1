import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";

import { EngineDeployment } from "../../../engine/deployment";
import type { StateDocument } from "../../../engine/stateDocument";
import { silentReporter } from "../../../clients/reporter";
import { desired, step } from "../../engine/desired";
import { FakePulumi } from "../../engine/fakePulumi";
import type { Answer } from "../../engine/fakePulumi";
import {
  classUrn,
  takenState,
  lockedError,
  memberUrn,
  providersOnly,
  replaceDigest,
  unchangedDigest,
} from "../../engine/observed";

const file = "Pulumi.lab.yaml";
const members = ["atom-a-1", "atom-a-2"].map(memberUrn);
const exported = (document: StateDocument): Answer => ({
  args: ["stack", "export"],
  stdout: JSON.stringify(document),
});
const imports: Answer = { args: ["stack", "import"] };

/** Taking over and removing through the CLI, against a stand-in for it that writes down how it was called. */
describe("the Pulumi CLI", () => {
  let fake: FakePulumi;
  afterEach(() => fake.remove());

  async function engine(...answers: Answer[]): Promise<EngineDeployment> {
    fake = await FakePulumi.make(answers);
    const { executable, folder } = fake;
    const env = { PATH: process.env["PATH"], PULUMI_CONFIG_PASSPHRASE: "passphrase-canary" };
    return new EngineDeployment({
      executable,
      folder,
      stack: "lab",
      env,
      reporter: silentReporter,
    });
  }

  async function imported(): Promise<string[]> {
    const call = (await fake.calls()).find(({ args }) => args[1] === "import");
    const state = JSON.parse(call?.input ?? "{}") as StateDocument;
    return (state.deployment.resources ?? []).map(({ urn }) => urn);
  }

  describe("taking over", () => {
    const steps = [
      step("adopt", classUrn, "atom-replicated"),
      step("adopt", memberUrn("atom-a-1"), "snapshot-93"),
      step("adopt", memberUrn("atom-a-2"), "snapshot-96"),
    ];
    const lost = [exported(providersOnly), exported(providersOnly), exported(providersOnly)];

    it("brings the objects into the state, and settles the engine's bookkeeping when nothing is left", async () => {
      const deployment = await engine(
        ...lost,
        exported(takenState),
        imports,
        { args: ["preview"], stdout: unchangedDigest },
        { args: ["up"] },
      );
      await deployment.adopt(file, { desired, steps });
      deepStrictEqual((await fake.commands()).slice(-4), [
        "stack import",
        "stack export",
        "preview",
        "up",
      ]);
      const urns = await imported();
      ok([classUrn, ...members].every((urn) => urns.includes(urn)));
      const [preview, up] = (await fake.calls()).slice(-2);
      const plan = preview?.args[preview.args.indexOf("--save-plan") + 1];
      strictEqual(up?.args[up.args.indexOf("--plan") + 1], plan, "only what the preview showed");
    });

    it("deploys nothing where the engine would change something live", async () => {
      const deployment = await engine(...lost, exported(takenState), imports, {
        args: ["preview"],
        stdout: replaceDigest,
      });
      await deployment.adopt(file, { desired, steps });
      ok(!(await fake.commands()).includes("up"));
    });

    it("asks for no preview while something declared is not there: that is for `up`", async () => {
      const deployment = await engine(...lost, exported(providersOnly), imports);
      await deployment.adopt(file, { desired, steps: steps.slice(0, 1) });
      strictEqual((await fake.commands()).at(-1), "stack export");
      ok((await imported()).includes(classUrn));
    });
  });

  describe("removing", () => {
    const steps = [
      ...members.map((urn) => step("forget", urn)),
      step("delete", classUrn, "atom-replicated"),
    ];

    it("forgets what stays and destroys the rest, without running the program or asking", async () => {
      const deployment = await engine(exported(takenState), imports, { args: ["destroy"] });
      await deployment.remove(file, steps);
      deepStrictEqual(await fake.commands(), ["stack export", "stack import", "destroy"]);
      const urns = await imported();
      ok(urns.includes(classUrn) && members.every((urn) => !urns.includes(urn)));
      deepStrictEqual((await fake.calls()).at(-1)?.args, [
        "destroy",
        ...["--stack", "lab", "--config-file", file, "--suppress-progress"],
        ...["--yes", "--skip-preview", "--suppress-outputs", "--non-interactive"],
      ]);
    });

    it("destroys nothing when the state holds what was not confirmed, or another run has the lock", async () => {
      const more = await engine(exported(takenState));
      await rejects(more.remove(file, steps.slice(1)), {
        message: /whose removal was not confirmed\. Nothing was changed; run the command again\.$/,
      });
      deepStrictEqual(await fake.commands(), ["stack export"]);
      await fake.remove();
      const locked = await engine(exported(takenState), {
        ...imports,
        exitCode: 1,
        stderr: lockedError,
      });
      await rejects(locked.remove(file, steps), { kind: "locked" });
      ok(!(await fake.commands()).includes("destroy"));
    });

    it("goes on where an earlier run stopped, and has nothing to do without a stack", async () => {
      const resources = (takenState.deployment.resources ?? []).filter(
        ({ urn }) => !members.includes(urn),
      );
      const half = { ...takenState, deployment: { ...takenState.deployment, resources } };
      const deployment = await engine(exported(half), { args: ["destroy"] });
      await deployment.remove(file, steps.slice(-1));
      deepStrictEqual(await fake.commands(), ["stack export", "destroy"]);
      await fake.remove();
      const none = await engine({ args: ["stack", "export"], exitCode: 6, stderr: "no stack" });
      await none.remove(file, []);
      deepStrictEqual(await fake.commands(), ["stack export"]);
    });
  });
});
