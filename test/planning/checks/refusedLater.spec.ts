import assert from "node:assert/strict";
import type { Site } from "../../../planning/site";
import { classSpec, longhornSite, mayastorSite, siteOf, THREE_SITES } from "../../support/sites";
import { refusals } from "../support/refusals";

const generic = (provisioner: string): Site =>
  siteOf({
    backend: "generic",
    replicationFactor: 1,
    survive: "node",
    backendOptions: { provisioner },
    waivers: [],
  });
const MAYASTOR = { nodeSpreadKey: "zone", nvmeMultipath: true } as const;

/** What the API server, or a mount at a restore, would refuse later. */
const cases: readonly (readonly [string, Site, string | undefined])[] = [
  ["a driver's name", generic("csi.array.example"), undefined],
  ["the name of no driver", generic("kubernetes.io/no-provisioner"), "backendOptions.provisioner"],
  ["a name with blanks", generic("csi array"), "backendOptions.provisioner"],
  ["a name that is too long", generic("x".repeat(64)), "backendOptions.provisioner"],
  [
    "Longhorn's own class",
    longhornSite(THREE_SITES, { classes: [classSpec({ name: "longhorn" })] }),
    "classes[0].name",
  ],
  ...(
    [
      ["1.5.5", [], "classes[0].fsType"],
      ["1.5.6", [], undefined],
      ["1.6.2", [], "classes[0].fsType"],
      ["1.6.3", [], undefined],
      ["1.6.2", ["nouuid"], undefined],
    ] as const
  ).map(
    ([backendVersion, mountOptions, path]) =>
      [
        `XFS of Longhorn ${backendVersion} mounted with [${mountOptions.join(", ")}]`,
        longhornSite(THREE_SITES, {
          backendVersion,
          classes: [classSpec({ fsType: "xfs", mountOptions })],
        }),
        path,
      ] as const,
  ),
  ...(
    [
      ["xfs", [], "classes[0].fsType"],
      ["btrfs", [], "classes[0].fsType"],
      ["ext4", [], undefined],
      ["btrfs", ["cloneFsIdAsVolumeId=true"], undefined],
    ] as const
  ).map(
    ([fsType, parameters, path]) =>
      [
        `${fsType} of Mayastor with [${parameters.join(", ")}]`,
        mayastorSite(THREE_SITES, {
          backendOptions: MAYASTOR,
          classes: [classSpec({ fsType, options: { parameters } })],
        }),
        path,
      ] as const,
  ),
];

describe("what is refused here and not later", () => {
  for (const [what, site, path] of cases) {
    it(`${what}: ${path ?? "is taken"}`, () => {
      const found = refusals(site).filter((one) =>
        /^(backendOptions\.provisioner|classes\[0\]\.(name|fsType)) /.test(one),
      );
      assert.equal(found.length, path === undefined ? 0 : 1, found.join("\n"));
      assert.ok(found.every((one) => one.startsWith(`${path} `)));
    });
  }
});
