import { strictEqual } from "node:assert/strict";
import { isChange } from "../../site/up/review";
import { planSteps } from "../../drift/plan";
import type { DeployedResource } from "../../drift/types";
import type { RestorePointFile } from "../../planning/site";
import {
  takenAt,
  deployedOf,
  desiredOf,
  liveOf,
  vm,
  member,
  point,
  pointMember,
  recorded,
  snapshotOf,
} from "../drift/fixtures";

const declared = member("a-1");
const nothing = { taken: [], lost: [] };

/** The member is there and recorded, so that no step is left; only the point's file differs. */
function isChangeWith(file: RestorePointFile, record: readonly DeployedResource[]): boolean {
  const desired = desiredOf([declared]);
  const deployed = deployedOf(record, "pulumi");
  const live = liveOf({ vms: [vm("a-1", [snapshotOf(declared, "snapshot-7")])] });
  const steps = planSteps({ desired, deployed, live, points: [file] });
  const situation = { desired, deployed, steps, site: { restorePoints: [file] } };
  return isChange({ edits: [] }, { changes: nothing, situation });
}

describe("whether up has anything to do", () => {
  it("has not where the point is complete", () => {
    const members = [pointMember("a-1", "snapshot-7")];
    const ready = point({ state: "ready", takenAt, members });
    strictEqual(isChangeWith(ready, [recorded(declared, "snapshot-7")]), false);
  });

  it("has where an interrupted run cut every member and could not write that the point is cut", () => {
    strictEqual(isChangeWith(point(), [recorded(declared, "snapshot-7")]), true);
  });

  it("has where a member is there and not recorded", () => {
    strictEqual(isChangeWith(point(), []), true);
  });
});
