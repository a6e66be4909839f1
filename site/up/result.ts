import { planSite } from "../../planning/index";
import { readBack } from "../readback/readBack";
import type { Reporter } from "../../clients/reporter";
import { exitCode, type ExitCode } from "../../cli/exit";
import { readBackLines } from "../../cli/print/readBack";
import { openStack } from "../../cli/stack";
import type { OpenAccess } from "./access";
import type { Deployer } from "./deployer";
import { findingsFor } from "./preflight";
import { writeReportPage } from "./reportPage";
import { readSituation } from "./situation";

/** Reads back from the live systems what is there now, writes the report and says what to do next. */
export async function tellResult(options: {
  readonly name: string;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly reporter: Reporter;
}): Promise<ExitCode> {
  const { name, deployer, access, reporter } = options;
  const stack = openStack(name, []);
  const { root, site, raw, stackFile, isLab } = stack;
  const plan = planSite(site);
  const found = await readBack({ plan, cluster: access.cluster, vcenter: access.vcenter });
  const deployed = await deployer.load(stackFile.path);
  const situation = await readSituation({ root, site, raw, deployed, access });
  const findings = await findingsFor(situation, access, new Date());
  const report = await writeReportPage({
    stack,
    plan,
    situation,
    findings,
    replicas: found.replicas,
    heldVolumes: found.heldVolumes,
  });
  const option = isLab ? "" : ` --stack ${name}`;
  for (const line of [
    "",
    "Read back:",
    ...readBackLines(found).map((text) => `  ${text}`),
    plan.survival.summary,
    `Report: ${report}`,
    "Next:",
    `  ./atom preview --expect-no-changes${option}   whether all this is still true (exit 7: it is not)`,
    `  ./atom up -c replicationFactor=${site.replicationFactor + 1}${option}     raise the number of copies`,
    isLab
      ? '  eval "$(./atom lab env)"                     let kubectl, govc and pulumi reach the lab'
      : `  ./atom report${option}                        the report page again`,
    ...(isLab ? ["The lab keeps running; ./atom lab stop ends it and keeps its data."] : []),
  ]) {
    reporter.info(line);
  }
  return found.unknown.length === 0 ? exitCode.done : exitCode.failed;
}
