import { isAbsolute, join, relative, resolve } from "node:path";
import { readFileSync } from "node:fs";
import { finding, type Finding } from "../preflight/finding";
import { renderReport } from "../report/renderReport";
import { writeAtomically } from "../../config/atomicFile";
import type { SitePlan } from "../../planning/plan";
import { isUnread, lookAround, type Seen } from "../observe";
import { openStack, type OpenStack } from "../stack";
import { statusOf } from "../status/status";
import type { OpenAccess } from "./access";
import type { Prepared } from "./prepare";

/** What is there after a deployment. */
export interface Result {
  readonly seen: Seen;
  /** Whether something of it could not be read. */
  readonly unread: boolean;
  /** Path of the report page. */
  readonly report: string;
}

/** Reads back what is there now, and writes the report. */
export async function readResult(
  { stack: { name }, reading, checks }: Prepared,
  access: OpenAccess,
): Promise<Result> {
  const stack = openStack(name, []);
  const seen = await lookAround(stack, reading, access);
  const report = await writeReportPage({ stack, plan: seen.plan, checks, seen });
  return { seen, unread: isUnread(seen), report };
}

interface PageContent {
  readonly stack: OpenStack;
  readonly plan: SitePlan;
  /** Absent where nothing live was read. */
  readonly seen?: Seen | undefined;
  /** What preflight found. */
  readonly checks?: readonly Finding[] | undefined;
  readonly out?: string | undefined;
}

/**
 * Writes the report page: of the plan alone, or with what was read live.
 *
 * @returns the path to show, relative to the folder the command was called in where that is shorter
 */
export async function writeReportPage(options: PageContent): Promise<string> {
  const { stack, plan, seen, checks, out } = options;
  const live = seen?.reading.live;
  const now = new Date();
  const path = out === undefined ? defaultPath(stack) : resolve(out);
  const html = renderReport({
    plan,
    drift: seen?.reading.findings,
    live,
    points: seen?.known.points,
    findings: [
      ...(checks ?? []),
      ...(seen?.known.unknown ?? []).map((why) =>
        finding("points", "restore points", ["unknown", why]),
      ),
    ],
    replicas: seen?.replicas,
    heldVolumes: seen?.heldVolumes,
    status: seen && live && statusOf({ ...seen, live, now }),
    generatedAt: now.toISOString(),
    program: { version: programVersion(stack.root) },
    target: { stack: stack.name, place: placeOf(stack) },
  });
  writeAtomically(path, html);
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}

function defaultPath(stack: OpenStack): string {
  return stack.isLab
    ? join(stack.root, ".lab", "report.html")
    : join(stack.root, ".pulumi-state", "reports", `${stack.name}.html`);
}

function placeOf({ isLab, site }: OpenStack): string {
  if (isLab) {
    return "the lab on this machine";
  }
  return site.cluster.context === undefined
    ? "the kubeconfig's current context"
    : `cluster context ${site.cluster.context}`;
}

function programVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
