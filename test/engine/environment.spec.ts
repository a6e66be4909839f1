import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { engineEnvironment } from "../../engine/environment";

describe("the environment of the CLI", () => {
  const set = {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
    NO_COLOR: "1",
  };

  it("is the caller's, without what would change what a command does", () => {
    const kept = { PULUMI_CONFIG_PASSPHRASE: "phrase", PATH: "bin" };
    const pulumi = [
      ...["BACKEND_URL", "CONTINUE_ON_ERROR", "DEBUG_COMMANDS", "DEBUG_GRPC", "EXPERIMENTAL"],
      ...["ENABLE_STREAMING_JSON_PREVIEW", "OPTION_YES", "RUN_PROGRAM", "SKIP_CONFIRMATIONS"],
      ...["STACK", "TARGETS"],
    ].map((name) => `PULUMI_${name}`);
    for (const name of [...pulumi, "TF_LOG", "TF_LOG_PROVIDER"]) {
      deepEqual(engineEnvironment({ ...kept, [name]: "value", HOME: undefined }), {
        ...kept,
        ...set,
      });
    }
  });

  it("names files as the caller's folder has them, since the CLI runs in another one", () => {
    const env = { KUBECONFIG: "one:/etc/two", PULUMI_CONFIG_PASSPHRASE_FILE: "phrase" };
    deepEqual(engineEnvironment(env), {
      KUBECONFIG: `${join(process.cwd(), "one")}:/etc/two`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(process.cwd(), "phrase"),
      ...set,
    });
  });
});
