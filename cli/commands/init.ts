import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { checkConfiguration } from "../../config/parseSite";
import { formatProblems } from "../../config/problems";
import { projectRoot } from "../../config/projectRoot";
import { readConfiguration } from "../../config/readConfiguration";
import { openSecret } from "../../config/secrets";
import { stackFilePath, stackNameForm } from "../../config/stackNames";
import type { Observation, ObservedVcenter } from "../../site/init/observe";
import { observeCluster, observeVcenter } from "../../site/init/observe";
import { proposeSite, type Proposal } from "../../site/init/proposeSite";
import { stackText } from "../../site/init/stackText";
import type { Problem } from "../../planning/problem";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";
import { writeDocument } from "../print/documents";
import { createReporter } from "../reporter";

interface InitOptions {
  readonly context?: string;
  readonly siteLabel?: string;
  readonly driver?: string;
  readonly namespace: readonly string[];
  readonly vcenter?: string;
  readonly vcenterUser?: string;
  readonly vcenterInsecure: boolean;
  readonly full: boolean;
  readonly json: boolean;
}

/** Writes the stack file of a new site from what its live cluster and vCenter say. Never overwrites one. */
export async function init(site: string, options: InitOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const root = projectRoot();
  const path = stackFilePath(site, root);
  const shown = relative(root, path);
  if (!stackNameForm.test(site)) {
    throw new UsageError(
      `SITE = ${JSON.stringify(site)}: is no stack name. Allowed: 1 to 100 letters, digits, ".", "_" and "-".`,
    );
  }
  if (existsSync(path)) {
    throw new UsageError(
      `${shown} is there already and is not overwritten. Choose another name, or move the file away first.`,
    );
  }
  const observation = await observe(options);
  const { context, siteLabel, driver, namespace: namespaces } = options;
  const proposal = proposeSite(observation, { context, siteLabel, driver, namespaces });
  const { text, problems } = writeProposal(site, root, proposal, options.full);
  // Fails when somebody else made the file meanwhile.
  writeFileSync(path, text, { flag: "wx" });
  const open = openLines(text);
  if (options.json) {
    await writeDocument("init", { name: site, raw: { file: shown } }, { fillIn: open, problems });
    return exitCode.done;
  }
  reporter.info(
    [
      `Wrote ${shown}: ${observation.nodes.length} nodes, read from the live cluster` +
        (observation.vcenter === undefined ? "." : ` and vCenter ${observation.vcenter.server}.`),
      ...(open.length === 0 ? [] : ["What could not be known is a line to fill in:"]),
      ...open.map(({ line, what }) => `  line ${line}: ${what}`),
      ...(problems.length === 0
        ? []
        : ["Until then it is refused:", formatProblems(problems, shown)]),
      "Next:",
      `  ./atom preview --offline --stack ${site}   what it would declare, and what it survives`,
      `  pulumi stack init ${site}   once; it asks for a passphrase`,
    ].join("\n"),
  );
  return exitCode.done;
}

async function observe(options: InitOptions): Promise<Observation> {
  const { connectCluster } = await import("../../clients/kubernetes/connect.js");
  const cluster = await connectCluster({ context: options.context });
  try {
    const [seen, vcenter] = await Promise.all([observeCluster(cluster), askVcenter(options)]);
    return { ...seen, vcenter };
  } finally {
    await cluster.close();
  }
}

/** The vCenter that options or the usual variables name; undefined when none does. */
async function askVcenter(options: InitOptions): Promise<ObservedVcenter | undefined> {
  const { env } = process;
  const server = options.vcenter ?? env.VSPHERE_SERVER;
  if (server === undefined || server === "") {
    return undefined;
  }
  const user = options.vcenterUser ?? env.VSPHERE_USER ?? "";
  const password = await openSecret(
    { file: "", secrets: {}, encryptionSalt: undefined, secretsProvider: undefined },
    "vcenterPassword",
    env,
  );
  if (user === "" || !("known" in password)) {
    throw new UsageError(
      `vCenter ${server} is named, but not how to log in. Set --vcenter-user or VSPHERE_USER, and VSPHERE_PASSWORD ` +
        "or VSPHERE_PASSWORD_FILE; or leave the vCenter out. Nothing was written.",
    );
  }
  const allowUnverifiedSsl =
    options.vcenterInsecure || env.VSPHERE_ALLOW_UNVERIFIED_SSL?.toLowerCase() === "true";
  const { VcenterClient } = await import("../../clients/vcenter/client.js");
  const login = { server, user, password: password.known, allowUnverifiedSsl };
  const client = new VcenterClient(login);
  try {
    return await observeVcenter(client, { user, allowUnverifiedSsl });
  } finally {
    await client.close();
  }
}

interface Written {
  readonly text: string;
  /** What the file is refused for as it stands. */
  readonly problems: readonly Problem[];
}

/** The text for which automatic fail-over is given up only where the backend has none. */
function writeProposal(site: string, root: string, proposal: Proposal, full: boolean): Written {
  const text = stackText(site, proposal, full);
  const problems = judge(site, root, text);
  const manual = problems.find(({ path }) => path === "failover");
  if (manual === undefined || proposal.failover === "manual") {
    return { text, problems };
  }
  const failoverWhy = manual.message;
  return writeProposal(site, root, { ...proposal, failover: "manual", failoverWhy }, full);
}

function judge(site: string, root: string, text: string): readonly Problem[] {
  const folder = mkdtempSync(join(tmpdir(), "atom-init-"));
  try {
    const file = join(folder, `Pulumi.${site}.yaml`);
    writeFileSync(file, text);
    return checkConfiguration(readConfiguration(site, { root, file }).raw).problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The lines to fill in, for people who look at the end of a long file. */
function openLines(text: string): { readonly line: number; readonly what: string }[] {
  return text.split("\n").flatMap((content, index) => {
    const [, key = "", what] = /^(.*?)# FILL IN (.*)$/.exec(content) ?? [];
    return what === undefined ? [] : [{ line: index + 1, what: `${key.trim()} ${what}`.trim() }];
  });
}
