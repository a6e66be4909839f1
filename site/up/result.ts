import { isUnread, lookAround, type Seen } from "../observe";
import { openStack } from "../stack";
import { inOnePass, type OpenAccess } from "./access";
import type { Prepared } from "./prepare";
import { writeReportPage } from "./reportPage";

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
