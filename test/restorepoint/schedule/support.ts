import type { PointRecord, StepDetail } from "../../../planning/pointRecord";
import { withEntry } from "../../../restorepoint/catalog/entries";
import { point } from "../expire/fixtures";

export { point };

/** The journal of a run that took a point. @param outcome undefined: it was killed, and left a step */
export function journal(seconds: number, outcome: StepDetail["outcome"]): PointRecord["journal"] {
  const begin = Date.parse("2026-11-17T02:30:00Z");
  const entry = (event: "opened" | "begun" | "closed", after: number, detail: StepDetail) => ({
    ...{ who: "ada@host", command: "restore-point create", run: 1, event, detail },
    at: new Date(begin + after * 1000).toISOString(),
    step: event === "begun" ? "take volumes" : "",
  });
  const opened = withEntry(point("one"), entry("opened", 0, {}));
  const last =
    outcome === undefined ? entry("begun", 1, {}) : entry("closed", seconds, { outcome });
  return withEntry(opened, last).journal;
}
