import { labUp, prepareLabStack, readLabRecord, type LabUpOptions } from "../lab/index";
import type { Reporter } from "../clients/reporter";
import { openStack, type OpenStack } from "../site/stack";
import { enterLab } from "./live";

/**
 * Starts the lab, building it when this is the first time. What can be told without it (the offline preview, the
 * survival verdict, the report) is told while it builds.
 *
 * @param need parts that have to run; default those that a deployment needs
 * @returns the stack, now read from the lab's own copy
 */
export async function startLab(
  stack: OpenStack,
  overrides: readonly string[],
  reporter: Reporter,
  need?: LabUpOptions["need"],
): Promise<OpenStack> {
  const first = readLabRecord(stack.root) === undefined;
  const starting = labUp({ root: stack.root, reporter, ...(need === undefined ? {} : { need }) });
  // Its failure is reported where it is awaited; until then it must not count as unhandled.
  starting.catch(() => undefined);
  if (first) {
    await tellOffline(stack, reporter);
  }
  const record = await starting;
  await prepareLabStack(stack.root, record);
  enterLab(stack.root);
  return openStack(stack.name, overrides);
}

/** Once in the life of a lab, so that what it takes is loaded here. */
async function tellOffline(stack: OpenStack, reporter: Reporter): Promise<void> {
  const { planSite } = await import("../planning/index.js");
  const { collectDesired } = await import("../site/up/reading.js");
  const { writeReportPage } = await import("../site/up/reportPage.js");
  const { declaredLines } = await import("./print/declared.js");
  const { printReplicaPlan, printSurvival } = await import("./print/survival.js");
  const plan = planSite(stack.site);
  const desired = await collectDesired(stack.root, stack.raw);
  const report = await writeReportPage({ stack, plan });
  reporter.info(
    [
      `Stack ${stack.name}: what the program declares`,
      ...declaredLines(desired),
      ...printReplicaPlan(plan),
      ...printSurvival(plan),
      `Report: ${report}`,
    ].join("\n"),
  );
}
