import { answeredWithin } from "../../clients/http";
import { survivalNow } from "../../drift/nodes";
import { findEngine } from "../../engine/openEngine";
import { engineFindings } from "../../site/drift/engineFindings";
import { readDrift, resultOf, type Drift, type Only } from "../../site/drift/readDrift";
import { exitCode, type ExitCode } from "../../site/exit";
import type { OpenStack } from "../../site/stack";
import { collectDesired } from "../../site/up/reading";
import { openLive, withAccess } from "../live";
import { printAnswer } from "../print/answer";
import { unknownSystems, writeDocument } from "../print/documents";
import { findingLines } from "../print/findings";
import { junitText } from "../print/junit";
import { survivalLines } from "../print/survival";
import { createReporter } from "../reporter";

interface DriftOptions {
  readonly stack: string;
  readonly only?: Only;
  /** Seconds. */
  readonly timeout: number;
  readonly engine: boolean;
  readonly json: boolean;
  readonly junit: boolean;
}

/** Of the limit for the live systems, however long the CLI took before. */
const LEAST_MS = 5_000;

/** Looks whether what is declared and promised is still true, and changes nothing. */
export async function drift(options: DriftOptions): Promise<ExitCode> {
  const stack = openLive(options.stack);
  const found = await lookForDrift(stack, options);
  const { findings, notObserved, reading } = found;
  if (options.json) {
    const result = resultOf(findings);
    const unknown = unknownSystems(reading.live);
    await writeDocument("drift", stack, { result, unknown, findings, notObserved });
  } else if (options.junit) {
    printAnswer([await junitText(stack.name, findings)]);
  } else {
    printAnswer([`Stack ${stack.name}, read live`, ...driftLines(found)]);
  }
  return exitOf(found);
}

/** Opens what is looked at, and looks. */
export async function lookForDrift(
  stack: OpenStack,
  {
    only,
    timeout,
    engine: asked = false,
  }: Pick<DriftOptions, "timeout"> & Partial<Pick<DriftOptions, "only" | "engine">>,
): Promise<Drift> {
  const begun = Date.now();
  const { root, name, site, raw } = stack;
  const reporter = createReporter();
  const engine = await findEngine({ root, stack: name, env: process.env, reporter });
  const narrow = only === "cluster" ? { ...site, virtualMachines: undefined } : site;
  const [state, desired] = await Promise.all([engine?.state(), collectDesired(root, raw)]);
  const found = await withAccess({ ...stack, site: narrow }, (opened) => {
    const access = only === "vcenter" ? { ...opened, cluster: NOT_NEEDED } : opened;
    const question = { stack, desired, state, access, only, now: new Date() };
    const left = timeout * 1000 - (Date.now() - begun);
    return answeredWithin(Math.max(left, LEAST_MS), () => readDrift(question));
  });
  if (!asked) {
    return found;
  }
  const more = await engineFindings(stack, engine, found);
  return { ...found, findings: [...found.findings, ...more] };
}

const NOT_NEEDED = { state: "notNeeded" } as const;

/** Lines for people. */
export function driftLines({ plan, findings, notObserved, reading }: Drift): string[] {
  return [
    ...findingLines(findings),
    ...notObserved.map((line) => `not observed: ${line}`),
    ...survivalLines(plan, survivalNow(plan, reading.live)),
  ];
}

export function exitOf({ findings }: Drift): ExitCode {
  return { noDrift: exitCode.done, drift: exitCode.drift, unknown: exitCode.failed }[
    resultOf(findings)
  ];
}
