import { deepStrictEqual } from "node:assert/strict";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { checkExpiry } from "../../../site/preflight/expiry";
import { vmMember, point, volume } from "../../restorepoint/expire/fixtures";

describe("preflight of restore points that are past their end", () => {
  const site = parseSite(readConfiguration("lab").raw);
  const now = new Date("2026-11-25T12:00:00Z");
  const young = point("young", {
    takenAt: "2026-11-25T10:00:00Z",
    expires: "2026-12-02T00:00:00Z",
    members: [volume("young", "data-0", { createdAt: "2026-11-25T10:00:00Z" })],
  });
  const old = point("old", { members: [volume("old", "data-0"), vmMember("old", "a-1")] });

  it("warns, and names the command", () => {
    deepStrictEqual(checkExpiry({ ...site, stack: "north", restorePoints: [old, young] }, now), [
      {
        severity: "warning",
        check: "point-due",
        object: "restore point old",
        message: "It is due to be removed: expired at 2026-11-22T00:00:00Z and no rule keeps it.",
        remedy:
          "./atom restore-point expire --due --stack north removes what no rule keeps; --dry-run shows it first.",
      },
    ]);
  });

  it("warns of VM snapshots over their age whose point stays", () => {
    const stays = { ...old, expires: "2026-12-02T00:00:00Z" };
    deepStrictEqual(
      checkExpiry({ ...site, restorePoints: [stays] }, now).map(({ message }) => message),
      ["Of it is due: its VM snapshots ended at 2026-11-23T10:00:01.000Z."],
    );
  });

  it("says nothing of what is young or held", () => {
    const restorePoints = [young, { ...old, hold: true }];
    deepStrictEqual(checkExpiry({ ...site, restorePoints }, now), []);
  });
});
