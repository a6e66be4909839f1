import { planSite } from "../../planning/index";
import { readPoints } from "../../restorepoint/knownPoints";
import { readBack, type ReadBack } from "../readback/readBack";
import { openStack } from "../stack";
import type { OpenAccess } from "./access";
import type { Prepared } from "./prepare";
import { readStack } from "./reading";
import { writeReportPage } from "./reportPage";

/** What is there after a deployment. */
export interface Result {
  readonly found: ReadBack;
  /** Path of the report page. */
  readonly report: string;
}

/** Reads back from the live systems what is there now, by one pass of LISTs, and writes the report. */
export async function readResult(
  { stack: { name }, reading, checks }: Prepared,
  access: OpenAccess,
): Promise<Result> {
  const stack = openStack(name, []);
  const plan = planSite(stack.site);
  const [found, now, known] = await Promise.all([
    readBack({ plan, ...access }),
    readStack(reading.desired, reading.state, stack.site, access),
    readPoints({ stack, cluster: access.cluster }),
  ]);
  const report = await writeReportPage({ stack, plan, reading: now, known, checks, ...found });
  return { found, report };
}
