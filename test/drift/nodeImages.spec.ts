import { deepStrictEqual, equal } from "node:assert/strict";

import { judgeImages, lastImages } from "../../drift/nodeImages";
import type { LiveState, VcenterLive } from "../../drift/types";
import { scheduleOf, windowOf } from "../planning/support/schedules";
import { imageRun, template } from "../support/images";
import { MACHINES, siteOf } from "../support/sites";
import { vm } from "./fixtures";

const now = new Date("2030-11-30T12:00:00Z");
const attribute = "LAST_BACKUP";
const nodeBackups = { images: { attribute, keep: 2, maxAgeDays: 7 } };
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

const read = (value: VcenterLive): LiveState => ({
  cluster: { state: "notNeeded" },
  vcenter: { state: "read", value },
});
const live = (vms: ReturnType<typeof machines>) => read({ instanceUuid: "", vms });

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
      const [finding, other] = judgeImages(site, live(machines(value)), [], now);
      deepStrictEqual([finding?.kind, finding?.object], [expected, "image of VM a-1"]);
      equal(other?.kind, "same");
    });
  }

  it("are a copy off the cluster once every VM has one", () => {
    equal(lastImages(site, live(machines("2030-11-26T01:02:03Z")), []), "2030-11-26T01:02:03.000Z");
    equal(lastImages(site, live(machines(undefined)), []), undefined);
  });
});

describe("images of node VMs, by the records of clones", () => {
  const clones = siteOf({
    ...{ windows: [windowOf()], schedules: [scheduleOf({ takes: "images" })] },
    nodeBackups: { images: { datastore: "store", keep: 2, maxAgeDays: 7 } },
    virtualMachines: { ...MACHINES, nodes: MACHINES.nodes.slice(0, 1) },
  });
  const [a1 = ""] = clones.virtualMachines?.nodes.map(({ name }) => name) ?? [];
  const run = (day: number) => imageRun(`run-${day}`, [a1], `2030-11-${day}T23:00:00Z`);
  const there = (...days: readonly number[]): LiveState =>
    read({ instanceUuid: "", vms: [], clones: days.map((day) => template(`run-${day}`, a1)) });

  for (const [what, runs, live_, expected] of [
    ["a young one", [run(26)], there(26), ["same"]],
    ["an old one", [run(22)], there(22), ["differs"]],
    ["none", [], there(), ["missing"]],
    ["one that is gone beside another", [run(26), run(27)], there(26), ["lost"]],
    ["one that is gone", [run(26)], there(), ["lost", "missing"]],
  ] as const) {
    it(`tells of ${what}`, () => {
      const found = judgeImages(clones, live_, runs, now);
      deepStrictEqual(
        found.map(({ kind }) => kind),
        expected,
      );
      equal(new Set(found.map(({ object }) => object)).size, 1);
    });
  }

  it("count while vCenter has them", () => {
    equal(lastImages(clones, there(26), [run(26), run(27)]), "2030-11-26T23:00:00Z");
    equal(lastImages(clones, there(), [run(26)]), undefined);
  });
});
