import type { Site } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { refusals } from "../support/refusals";
import { siteOf } from "../../support/sites";

function refused(changes: Partial<Site["snapshots"]>): readonly string[] {
  return refusals(siteOf({ snapshots: { ...siteOf().snapshots, ...changes } }));
}

describe("installing the snapshot controller", () => {
  it("is refused without an image", () => {
    assertTold(refused({ installController: true }), ["snapshots.controllerImage:"]);
  });

  for (const image of ["registry.example/csi/snapshot-controller", "registry.example:5000/csi"]) {
    it(`is refused with ${image}, which no tag or digest fixes`, () => {
      assertTold(refused({ installController: true, controllerImage: image }), [
        `snapshots.controllerImage = "${image}":`,
      ]);
    });
  }

  for (const image of [
    "registry.example:5000/csi/snapshot-controller:v8.7.0",
    `snapshot-controller@sha256:${"0a".repeat(32)}`,
  ]) {
    it(`is accepted with ${image}`, () => {
      assertTold(refused({ installController: true, controllerImage: image }), []);
    });
  }

  it("asks for nothing where the cluster brings it", () => {
    assertTold(refused({ controllerImage: undefined }), []);
  });
});
