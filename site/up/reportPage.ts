import { isAbsolute, join, relative, resolve } from "node:path";
import { readFileSync } from "node:fs";
import { finding, type Finding } from "../preflight/finding";
import { renderReport } from "../report/renderReport";
import { writeAtomically } from "../../config/atomicFile";
import type { SitePlan } from "../../planning/plan";
import type { KnownPoints } from "../../restorepoint/knownPoints";
import type { LiveSnapshots } from "../../restorepoint/liveSnapshots";
import { isUnread, lookAround, statusNow, type Observed, type Seen } from "../observe";
import { openStack, type OpenStack } from "../stack";
import { inOnePass, type OpenAccess } from "./access";
import type { Prepared } from "./prepare";
import type { Reading } from "./reading";

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
  const seen = await lookAround(stack, reading, inOnePass(access));
  const report = await writeReportPage({ stack, checks, ...seen });
  return { seen, unread: isUnread(seen), report };
}

interface PageContent extends Partial<Observed> {
  readonly stack: OpenStack;
  readonly plan: SitePlan;
  readonly reading?: Reading | undefined;
  /** Of the catalog; absent where it was not read. */
  readonly known?: KnownPoints | undefined;
  readonly snapshots?: LiveSnapshots | undefined;
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
  const { stack, plan, reading, known, snapshots, checks, replicas, heldVolumes, out } = options;
  const now = new Date();
  const path = out === undefined ? defaultPath(stack) : resolve(out);
  const html = renderReport({
    plan,
    drift: reading?.findings,
    live: reading?.live,
    points: known?.points,
    findings: [
      ...(checks ?? []),
      ...(known?.unknown ?? []).map((why) => finding("points", "restore points", ["unknown", why])),
    ],
    replicas,
    heldVolumes,
    status:
      reading === undefined || known === undefined || snapshots === undefined
        ? undefined
        : statusNow({ plan, reading, known, snapshots }, now),
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
