import { deepStrictEqual } from "node:assert/strict";

import { checkConfiguration } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import { checkSite } from "../../planning";
import type { Site } from "../../planning/site";

describe("the backup of a control plane", () => {
  const { raw } = readConfiguration("model-three-sites-linstor");
  const site = checkConfiguration(raw).site as Site;
  const { etcd, controlPlane } = site.nodeBackups;
  const of = (changes: object, without: object = {}): Site =>
    ({
      ...site,
      nodeBackups: { etcd, controlPlane: { ...controlPlane, ...changes }, ...without },
    }) as Site;

  for (const [what, asked, path] of [
    ["nothing of the model's", of({}), undefined],
    ["an etcd that nobody can reach", of({}, { etcd: undefined }), "nodeBackups.controlPlane"],
    [
      "a copy on the node's own disk",
      of({ offCluster: "/var/backups/etcd/copies" }),
      "nodeBackups.controlPlane.offCluster",
    ],
    [
      "a text that is no certificate",
      of({ certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
      "nodeBackups.controlPlane.certificate",
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      const told = checkSite(asked).map((problem) => problem.path);
      deepStrictEqual(told, path === undefined ? [] : [path]);
    });
  }

  it("may lie in a folder beside the node's own", () => {
    deepStrictEqual(checkSite(of({ offCluster: "/var/backups/etcd-share" })), []);
  });
});
