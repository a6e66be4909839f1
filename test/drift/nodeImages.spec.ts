import { deepStrictEqual, equal } from "node:assert/strict";

import { judgeImages, lastImages } from "../../drift/nodeImages";
import type { LiveState } from "../../drift/types";
import { checkSite } from "../../planning";
import { MACHINES, siteOf } from "../support/sites";
import { vm } from "./fixtures";

const now = new Date("2030-11-30T12:00:00Z");
const attribute = "LAST_BACKUP";
const nodeBackups = { images: { attribute, maxAgeDays: 7 } };
const site = siteOf({
  nodeBackups,
  virtualMachines: {
    ...MACHINES,
    nodes: MACHINES.nodes
      .slice(0, 2)
      .map((node, index) => ({ ...node, uuid: vm(index === 0 ? "a1" : "b1").uuid })),
  },
});

const machines = (one: string | undefined, other = "2030-11-29T23:10:00Z") =>
  [one, other].map((value, index) =>
    vm(index === 0 ? "a1" : "b1", [], {
      attributes: new Map(value === undefined ? [] : [[attribute, value]]),
    }),
  );

describe("images of node VMs, by the word of the tool that makes them", () => {
  for (const [what, value, expected] of [
    ["a young one", "2030-11-26T01:02:03+01:00", "same"],
    ["one that the tool writes more about", "Tue Nov 26 23:10:00 2030,server,policy", "same"],
    ["an old one", "Fri Nov 22 23:10:00 2030", "differs"],
    ["none", undefined, "missing"],
    ["a text without a time", "yesterday", "unknown"],
    ["a day that is not", "2030-13-45T01:02:03Z", "unknown"],
  ] as const) {
    it(`tells of ${what}`, () => {
      const [finding, other] = judgeImages(site, machines(value), now);
      deepStrictEqual([finding?.kind, finding?.object], [expected, "image of VM a-1"]);
      equal(other?.kind, "same");
    });
  }

  it("are a copy off the cluster once every VM has one", () => {
    const live = (vms: ReturnType<typeof machines>): LiveState => ({
      cluster: { state: "notNeeded" },
      vcenter: { state: "read", value: { instanceUuid: "", vms } },
    });
    equal(lastImages(site, live(machines("2030-11-26T01:02:03Z"))), "2030-11-26T01:02:03.000Z");
    equal(lastImages(site, live(machines(undefined))), undefined);
  });

  it("need a vCenter", () => {
    const told = checkSite(siteOf({ nodeBackups })).map(({ path }) => path);
    deepStrictEqual(told, ["nodeBackups.images"]);
  });
});
