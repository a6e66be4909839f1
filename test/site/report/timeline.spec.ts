import { deepEqual, equal, match } from "node:assert/strict";

import { timeline } from "../../../site/report/timeline";
import { point, volume } from "../../restorepoint/expire/fixtures";

const now = "2026-11-25T00:00:00Z";

/** Names of the points that are drawn, in their order, and the marks on them. */
function drawn(...records: Parameters<typeof timeline>[0]): unknown {
  const text = timeline(records, now)?.text ?? "";
  const all = (pattern: RegExp): unknown => [...text.matchAll(pattern)].map(([, found]) => found);
  return [all(/data-point="([^"]*)"/g), all(/class="mark (\w+)"/g)];
}

const proof = (result: "proven" | "readable" | "failed", at: string) => ({
  ...{ member: "volume atom/data-0", result, at, seconds: 1 },
});

describe("the picture of points and proofs", () => {
  it("is none where no point was taken", () => {
    equal(timeline([], now), undefined);
    equal(timeline([{ ...point("planned"), takenAt: undefined }], now), undefined);
  });

  it("has a row for each point, the oldest first, and the worst result of a day", () => {
    const verifications = [
      proof("failed", "2026-11-21T01:00:00Z"),
      proof("proven", "2026-11-21T02:00:00Z"),
      proof("proven", "2026-11-22T01:00:00Z"),
    ];
    const older = point("older", { takenAt: "2026-11-01T00:00:00Z" });
    deepEqual(drawn(point("newer", { verifications }), older), [
      ["older", "newer"],
      ["failed", "proven"],
    ]);
  });

  it("draws the newest twenty, and ends a bar where its point ended", () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      point(`p-${index}`, { takenAt: new Date(Date.UTC(2026, 9, index + 1)).toISOString() }),
    );
    const [names] = drawn(...many) as readonly (readonly string[])[];
    deepEqual([names?.length, names?.[0], names?.at(-1)], [20, "p-5", "p-24"]);
    match(timeline(many, now)?.text ?? "", /5 older points/);
    const early = "2026-11-20T12:00:00Z";
    const members = [volume("p", "data-0", { expiredAt: early })];
    const width = (one: Parameters<typeof point>[1]): number =>
      Number(
        /class="bar[^>]* width="([0-9.]+)"/.exec(timeline([point("p", one)], now)?.text ?? "")?.[1],
      );
    equal(width({ members }) < width({}), true);
  });
});
