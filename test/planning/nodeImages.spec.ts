import { deepStrictEqual, equal } from "node:assert/strict";

import { checkSite } from "../../planning";
import { cloneMark, imageName, imagesOf, isClone, surplusImages } from "../../planning/nodeImages";
import type { Site } from "../../planning/site";
import { imageRun } from "../support/images";
import { MACHINES, siteOf } from "../support/sites";
import { scheduleOf, windowOf } from "./support/schedules";

type Images = NonNullable<Site["nodeBackups"]["images"]>;

const nodes = MACHINES.nodes.map((node) => ({ ...node, host: node.name, datastores: ["one"] }));

describe("images of node VMs, as a site states them", () => {
  const site = (images: Partial<Images>, changes: Partial<Site> = {}): Site =>
    siteOf({
      ...{ windows: [windowOf()], schedules: [scheduleOf({ takes: "images" })] },
      nodeBackups: { images: { keep: 2, maxAgeDays: 7, ...images } },
      virtualMachines: { ...MACHINES, nodes },
      ...changes,
    });
  const at = "nodeBackups.images";
  for (const [what, of, paths] of [
    ["clones", site({ datastore: "two" }), []],
    ["those of a tool", site({ attribute: "LAST" }, { schedules: [] }), []],
    ["neither of both", site({}, { schedules: [] }), [at]],
    ["both", site({ attribute: "LAST", datastore: "two" }), [at]],
    [
      "clones that no cycle makes",
      site({ datastore: "two" }, { schedules: [] }),
      [`${at}.datastore`],
    ],
    ["clones beside a VM", site({ datastore: "one" }), [`${at}.datastore`]],
    ["a cycle without a datastore", site({ attribute: "LAST" }), ["schedules[0].takes"]],
    [
      "no vCenter",
      site({ attribute: "LAST" }, { virtualMachines: undefined, schedules: [] }),
      [at],
    ],
  ] as const) {
    it(`${paths.length === 0 ? "takes" : "refuses"} ${what}`, () => {
      deepStrictEqual(
        checkSite(of).map(({ path }) => path),
        paths,
      );
    });
  }
});

describe("images of node VMs, as they are recorded", () => {
  const runs = [20, 22, 21].map((day) =>
    imageRun(`run-${day}`, day === 22 ? ["a-1"] : ["a-1", "a-2"], `2030-11-${day}T23:00:00Z`),
  );
  const names = (images: ReturnType<typeof imagesOf>) =>
    images.map(({ run, image }) => `${run.name} ${image.node}`);

  it("are the newest first, without those that were removed or not made", () => {
    deepStrictEqual(names(imagesOf("a-1", runs)), ["run-22 a-1", "run-21 a-1", "run-20 a-1"]);
    const [first, second, third] = runs.map((run, index) => ({
      ...run,
      images: run.images?.map(({ reference, ...one }) =>
        index === 1 ? one : { ...one, reference, ...(index === 0 ? { removed: "x" } : {}) },
      ),
    }));
    deepStrictEqual(names(imagesOf("a-1", [first, second, third] as typeof runs)), ["run-21 a-1"]);
  });

  it("are too many by what is kept of each node, however many runs there were since", () => {
    deepStrictEqual(names(surplusImages(runs, 2)), ["run-20 a-1"]);
    deepStrictEqual(names(surplusImages(runs, 1)), ["run-21 a-1", "run-20 a-1", "run-20 a-2"]);
  });

  it("stay while those that newer ones are recorded of are gone", () => {
    const isThere = ({ run }: { readonly run: { readonly name: string } }) => run.name !== "run-22";
    deepStrictEqual(names(surplusImages(runs, 2, isThere)), []);
    deepStrictEqual(names(surplusImages(runs, 1, isThere)), ["run-20 a-1", "run-20 a-2"]);
  });

  it("have names that are never a node's, and notes of their own", () => {
    const long = imageName("north", "run-20", "n".repeat(250));
    equal(long.length <= 80, true);
    equal(new Set([long, imageName("north", "run-21", "n".repeat(250))]).size, 2);
    const mark = cloneMark("north", "run-20", "a-1", "image");
    equal(isClone(mark, "north", "run-20", "a-1", "image"), true);
    const others: readonly Parameters<typeof cloneMark>[] = [
      ["south", "run-20", "a-1", "image"],
      ["north", "run-21", "a-1", "image"],
      ["north", "run-20", "a-2", "image"],
      ["north", "run-20", "a-1", "restored"],
    ];
    for (const other of others) {
      equal(isClone(mark, ...other), false);
    }
    equal(isClone("a machine", "north", "run-20", "a-1", "image"), false);
  });
});
