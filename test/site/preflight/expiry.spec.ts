import { deepStrictEqual } from "node:assert/strict";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { checkExpiry } from "../../../site/preflight/preflight";
import { pointFile, vmMember } from "../../support/points";

describe("preflight of restore points whose VM snapshots are past their end", () => {
  const site = parseSite(readConfiguration("lab").raw);
  const now = new Date("2026-11-25T12:00:00Z");
  const uuid = "4221a701-0000-4000-8000-00000000000a";
  const taken = (takenAt: string): readonly ReturnType<typeof vmMember>[] => [
    vmMember("a-1", "snapshot-7", uuid, { takenAt }),
  ];
  const young = pointFile({ name: "young", state: "ready", vms: taken("2026-11-25T10:00:00Z") });
  const old = pointFile({ name: "old", state: "ready", vms: taken("2026-11-20T10:00:00Z") });

  it("warns of those over their age, and names the command", () => {
    deepStrictEqual(checkExpiry({ ...site, stack: "north", restorePoints: [old, young] }, now), [
      {
        severity: "warning",
        check: "point-due",
        object: "restore point old",
        message: "It is due to be removed: its VM snapshots ended at 2026-11-23T10:00:00.000Z.",
        remedy:
          "./atom restore-point expire --due --stack north removes what no rule keeps; --dry-run shows it first.",
      },
    ]);
  });

  it("warns of one past its expires, however young", () => {
    const restorePoints = [{ ...young, expires: "2026-11-25T11:00:00Z" }];
    deepStrictEqual(
      checkExpiry({ ...site, restorePoints }, now).map(({ object }) => object),
      ["restore point young"],
    );
  });

  it("says nothing of what is young, not taken or removed already", () => {
    const ended = taken("2026-11-20T10:00:00Z").map((vm) => ({ ...vm, expiredAt: vm.takenAt }));
    const restorePoints = [young, pointFile(), { ...old, name: "gone", vms: ended }];
    deepStrictEqual(checkExpiry({ ...site, restorePoints }, now), []);
  });
});
