import assert from "node:assert/strict";
import type { SnapshotSpec } from "../../../planning/site";
import { refusals } from "../support/refusals";
import { siteOf } from "../support/sites";

const ALLOWED =
  "Allowed: an image of the snapshot-controller of external-snapshotter 8 in the site's registry, with tag or digest";

function refused(changes: Partial<SnapshotSpec>): readonly string[] {
  return refusals(siteOf({ snapshots: { ...siteOf().snapshots, ...changes } }));
}

describe("installing the snapshot controller", () => {
  it("is refused without an image", () => {
    assert.deepEqual(refused({ installController: true }), [
      "snapshots.controllerImage: snapshots.installController is true, and there is no image to install. " +
        `${ALLOWED}; or set snapshots.installController to false.`,
    ]);
  });

  for (const image of ["registry.example/csi/snapshot-controller", "registry.example:5000/csi"]) {
    it(`is refused with ${image}, which no tag or digest fixes`, () => {
      assert.deepEqual(refused({ installController: true, controllerImage: image }), [
        `snapshots.controllerImage = "${image}": the image has neither tag nor digest, so that its nodes may run different ones. ` +
          `${ALLOWED}.`,
      ]);
    });
  }

  for (const image of [
    "registry.example:5000/csi/snapshot-controller:v8.7.0",
    `snapshot-controller@sha256:${"0a".repeat(32)}`,
  ]) {
    it(`is accepted with ${image}`, () => {
      assert.deepEqual(refused({ installController: true, controllerImage: image }), []);
    });
  }

  it("asks for nothing where the cluster brings it", () => {
    assert.deepEqual(refused({ controllerImage: undefined }), []);
  });
});
