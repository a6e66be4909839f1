import { deepStrictEqual, equal } from "node:assert/strict";

import { judgeControlPlaneBackup, lastControlPlaneBackup } from "../../drift/controlPlaneBackup";
import { type LiveState, objectKey } from "../../drift/types";
import type { Site } from "../../planning/site";
import { siteOf } from "../support/sites";

describe("the age of the newest backup of the control plane", () => {
  const namespace = "kube-system";
  const site = {
    ...siteOf(),
    nodeBackups: { controlPlane: { cron: "0 */6 * * *", timeZone: "Etc/UTC", namespace } },
  } as unknown as Site;
  const now = new Date("2028-05-05T13:00:00Z");

  function live(status: object | undefined): LiveState {
    const metadata = {
      name: "atom-control-plane-backup",
      creationTimestamp: "2028-05-01T00:00:00Z",
    };
    const job = { apiVersion: "batch/v1", kind: "CronJob", metadata, status };
    const key = objectKey("batch/v1", "CronJob", namespace, metadata.name);
    const objects = new Map(status === undefined ? [] : [[key, job]]);
    const value = { uid: "", objects, absentKinds: new Set(), unreadKinds: new Map() };
    return { cluster: { state: "read", value }, vcenter: { state: "notNeeded" } } as LiveState;
  }

  for (const [what, status, kinds] of [
    ["of the last time", { lastSuccessfulTime: "2028-05-05T12:02:00Z" }, ["same"]],
    [
      "of the time before, the last being at work",
      { lastSuccessfulTime: "2028-05-05T06:02:00Z" },
      ["same"],
    ],
    ["older", { lastSuccessfulTime: "2028-05-05T00:02:00Z" }, ["differs"]],
    ["of no time since it was declared", {}, ["differs"]],
    ["unread, or its CronJob gone", undefined, []],
  ] as const) {
    it(`tells of one ${what}`, () => {
      const found = judgeControlPlaneBackup(site, live(status), now);
      deepStrictEqual(
        found.map(({ kind }) => kind),
        [...kinds],
      );
    });
  }

  it("is what the status says", () => {
    const at = "2028-05-05T12:02:00Z";
    equal(lastControlPlaneBackup(site, live({ lastSuccessfulTime: at })), at);
    equal(lastControlPlaneBackup(siteOf(), live({ lastSuccessfulTime: at })), undefined);
  });
});
