import { deepStrictEqual, equal } from "node:assert/strict";

import { checkSite, planSite } from "../../planning";
import { genericSite } from "../support/sites";
import { veleroBackup, veleroSite } from "../support/veleroSites";

describe("the backup by Velero", () => {
  for (const [what, changes, path] of [
    ["an object store outside of the cluster", {}, undefined],
    ["one by its address", { endpoint: "https://192.0.2.7:9000" }, undefined],
    ["one that the plugin knows", { endpoint: undefined }, undefined],
    ["a name of the velero namespace", { endpoint: "http://minio:9000" }, "endpoint"],
    ["a Service", { endpoint: "http://minio.storage.svc:9000" }, "endpoint"],
    ["a Service, written out", { endpoint: "http://m.s.svc.cluster.local" }, "endpoint"],
    [
      "a Service by an option of the plugin",
      { config: { s3Url: "http://m.s.svc" } },
      "config.s3Url",
    ],
    ["an address that the plugin does not know", { provider: "azure" }, "endpoint"],
  ] as const) {
    it(`${path === undefined ? "takes" : "refuses"} ${what}`, () => {
      const told = checkSite(veleroSite(changes)).map((problem) => problem.path);
      deepStrictEqual(told, path === undefined ? [] : [`nodeBackups.velero.${path}`]);
    });
  }

  it("needs snapshots of the driver", () => {
    const site = genericSite({ snapshots: false }, { nodeBackups: { velero: veleroBackup() } });
    deepStrictEqual(
      checkSite(site).map(({ path }) => path),
      ["nodeBackups.velero"],
    );
  });

  it("keeps to a place and a class of its own", () => {
    const site = veleroSite({ cron: "30 2 * * 6", timeZone: "Europe/Oslo", keepDays: 2 });
    const { velero, snapshotClass } = planSite(site);
    const [location, snapshots, schedule] = velero.map(({ object }) => object);
    deepStrictEqual(location?.["spec"], {
      provider: "aws",
      objectStorage: { bucket: "backups", prefix: "north" },
      config: {
        s3Url: "https://s3.example.com",
        s3ForcePathStyle: "true",
        region: "us-east-1",
      },
    });
    deepStrictEqual(
      velero.map(({ protect }) => protect),
      [true, false, false],
    );
    equal(snapshots?.["driver"], snapshotClass?.driver);
    deepStrictEqual(Object.keys(snapshots?.metadata ?? {}), ["name", "labels"]);
    deepStrictEqual(schedule?.["spec"], {
      schedule: "CRON_TZ=Europe/Oslo 30 2 * * 6",
      useOwnerReferencesInBackup: false,
      template: {
        includedNamespaces: ["atom"],
        storageLocation: "atom-backup",
        snapshotVolumes: true,
        snapshotMoveData: true,
        defaultVolumesToFsBackup: false,
        ttl: "48h0m0s",
      },
    });
  });
});
