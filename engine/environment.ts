import { delimiter, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables of the caller that would make the CLI do something else than it was asked: other options, answers and
 * verdicts on errors, and logs of every message with secrets in clear. The state backend stands in the project's file.
 */
const withheld =
  /^(PULUMI_OPTION_.*|PULUMI_(BACKEND_URL|CONTINUE_ON_ERROR|DEBUG_.*|ENABLE_STREAMING_JSON_PREVIEW|EXPERIMENTAL|RUN_PROGRAM|SKIP_CONFIRMATIONS|STACK|TARGETS)|TF_LOG.*)$/;

/** Variables that name files: the CLI runs in another folder than its caller. */
const paths = /^(KUBECONFIG|PULUMI_HOME|GOOGLE_APPLICATION_CREDENTIALS|.*_FILE)$/;

/**
 * Environment of every CLI run: the caller's, without what would change the meaning of a command, without colours and
 * without asking the vendor for news. State backend, passphrase and plugin settings stay as the caller has them.
 *
 * Fields that somebody else has set on an object of ours are set back by force: the preview would end in a field conflict
 * otherwise, and say nothing of anything else. Objects of others are kept from it by what blocks a deployment.
 */
export function engineEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]),
  );
  return {
    ...Object.fromEntries(
      kept.map(([name, value]) => [name, paths.test(name) ? absolutePaths(value) : value]),
    ),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
    NO_COLOR: "1",
  };
}

function absolutePaths(value: string): string {
  const split = value.split(delimiter);
  return split.map((path) => (path === "" ? path : resolve(path))).join(delimiter);
}
