import assert from "node:assert/strict";
import { isAtLeast, versionRule } from "../../../planning/backends/version";
import type { Site } from "../../../planning/site";
import { siteOf } from "../../support/sites";

describe("versions", () => {
  const order: readonly (readonly [string | undefined, string, boolean])[] = [
    ["1.33.1", "1.34", false],
    ["1.34.0", "1.34", true],
    ["1.34.0-rc.1", "1.34", true],
    ["v1.9", "1.10", false],
    ["2.0", "1.34", true],
    ["1.29.1", "1.29.2", false],
    [undefined, "99.0", true],
  ];
  for (const [installed, wanted, expected] of order) {
    it(`${installed ?? "the newest known"} ${expected ? "is" : "is not"} at least ${wanted}`, () => {
      assert.equal(isAtLeast(installed, wanted), expected);
    });
  }
});

describe("a number of another component", () => {
  const cases: readonly (readonly [Site["backend"], string, string | undefined])[] = [
    ["linstor", "1.33.1", undefined],
    ["linstor", "1.29.2", undefined],
    ["linstor", "2.8.1", "the Piraeus operator's"],
    ["linstor", "1.10.0", "linstor-csi's"],
    ["linstor", "9.2.14", "DRBD's"],
    ["rook-ceph", "1.19.2", undefined],
    ["rook-ceph", "18.2.4", "Ceph's"],
    ["rook-ceph", "3.14.0", "ceph-csi's"],
    ["rook-ceph", "4.16.2", "OpenShift Data Foundation's"],
    ["mayastor", "2.9.1", undefined],
    ["mayastor", "4.3.2", "OpenEBS's"],
    ["longhorn", "1.9.0", undefined],
    ["longhorn", "105.1.0", "the chart's"],
    ["portworx", "3.2.1", undefined],
    ["portworx", "25.1.0", "the operator's"],
    ["vsphere-csi", "3.7.3", undefined],
    ["vsphere-csi", "8.0.3", "vSphere's"],
    ["generic", "8.0.3", undefined],
  ];
  for (const [backend, backendVersion, whose] of cases) {
    it(`${backendVersion} for ${backend} is ${whose ?? "taken"}`, () => {
      const [broken, path, message, allowed] = versionRule(siteOf({ backend, backendVersion }));
      assert.deepEqual([broken, path], [whose !== undefined, "backendVersion"]);
      if (whose !== undefined) {
        assert.ok(message.includes(`${whose} number`), message);
        assert.match(allowed, / own, as shown by /);
      }
    });
  }
});
