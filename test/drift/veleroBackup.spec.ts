import { deepStrictEqual, equal, match } from "node:assert/strict";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { judgeVelero, lastVeleroBackup } from "../../drift/veleroBackup";
import { kindKey, type LiveState, objectKey } from "../../drift/types";
import { veleroSite } from "../support/veleroSites";

const API = "velero.io/v1";
const now = new Date("2028-05-05T13:00:00Z");
const created = "2028-05-01T00:00:00Z";

function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: object = {},
  metadata: object = {},
): ClusterObject {
  const own = { name, namespace: "velero", creationTimestamp: created, ...metadata };
  return { apiVersion, kind, metadata: own, ...rest };
}

const backup = (at: string, phase: string, more: object = {}): ClusterObject =>
  object(
    API,
    "Backup",
    `atom-backup-${at}`,
    { status: { phase, startTimestamp: at, ...more } },
    { labels: { "velero.io/schedule-name": "atom-backup" } },
  );
const location = (status: object, metadata: object = {}): ClusterObject =>
  object(API, "BackupStorageLocation", "atom-backup", { status }, metadata);
const schedule = object(API, "Schedule", "atom-backup");
const agent = object("apps/v1", "DaemonSet", "node-agent");
const good = [location({ phase: "Available" }), schedule, agent];

function live(objects: readonly ClusterObject[], unread: readonly string[] = []): LiveState {
  const value = {
    uid: "",
    objects: new Map(
      objects.map((one) => [
        objectKey(one.apiVersion, one.kind, one.metadata.namespace, one.metadata.name),
        one,
      ]),
    ),
    absentKinds: new Set<string>(),
    unreadKinds: new Map(unread.map((key) => [key, "It is forbidden."])),
  };
  return { cluster: { state: "read", value }, vcenter: { state: "notNeeded" } };
}

const found = (state: LiveState, endpoint = "https://s3.example.com"): readonly string[] =>
  judgeVelero(veleroSite({ endpoint }), state, now)
    .filter(({ kind }) => kind !== "same")
    .map((one) => `${one.kind} ${one.object}${one.blocked === true ? " blocked" : ""}`);

const today = backup("2028-05-05T00:00:05Z", "Completed");
const BACKUPS = ["differs Velero's backups"];
const STORE = ["differs Velero's object store"];

describe("Velero's backups against what is promised", () => {
  for (const [what, objects, expected] of [
    ["whole ones", [...good, today], []],
    ["one at work", [...good, backup("2028-05-04T00:00:05Z", "Completed")], []],
    ["none of the last two times", [...good, backup("2028-05-03T00:00:05Z", "Completed")], BACKUPS],
    ["none at all", good, BACKUPS],
    [
      "one that failed since",
      [...good, today, backup("2028-05-05T12:00:00Z", "PartiallyFailed", { errors: 2 })],
      BACKUPS,
    ],
    ["one that failed before", [...good, backup("2028-05-04T00:00:05Z", "Failed"), today], []],
    ["no node agent", [...good.slice(0, 2), today], ["missing Velero's node agent"]],
    [
      "a store that does not answer",
      [location({ phase: "Unavailable" }), ...good.slice(1), today],
      STORE,
    ],
    ["a store that nobody looks at", [location({}), ...good.slice(1), today], STORE],
    [
      "a store that was declared a moment ago",
      [location({}, { creationTimestamp: "2028-05-05T12:59:00Z" }), ...good.slice(1), today],
      [],
    ],
  ] as const) {
    it(`tells of ${what}`, () => {
      deepStrictEqual(found(live(objects)), expected);
    });
  }

  for (const [host, inside] of [
    ["10.96.0.9", object("v1", "Service", "minio", { spec: { clusterIPs: ["10.96.0.9"] } })],
    ["minio.velero", object("v1", "Service", "minio", {})],
    [
      "s3.apps.example.com",
      object("networking.k8s.io/v1", "Ingress", "minio", {
        spec: { rules: [{ host: "s3.apps.example.com" }] },
      }),
    ],
    [
      "192.0.2.1",
      object("v1", "Node", "a-1", { status: { addresses: [{ address: "192.0.2.1" }] } }),
    ],
  ] as const) {
    it(`finds that ${host} is this cluster's, by a ${inside.kind}`, () => {
      const told = found(live([...good, today, inside]), `http://${host}:9000`);
      deepStrictEqual(told, ["differs Velero's object store blocked"]);
    });
  }

  it("says nothing of backups that could not be read", () => {
    const unread = live(good, [kindKey(API, "Backup")]);
    deepStrictEqual(found(unread), ["unknown Velero's backups"]);
  });

  it("names the last whole one", () => {
    const failed = backup("2028-05-05T12:00:00Z", "Failed", { failureReason: "no room" });
    const state = live([...good, today, failed]);
    equal(lastVeleroBackup(veleroSite(), state)?.at, "2028-05-05T00:00:05Z");
    match(JSON.stringify(judgeVelero(veleroSite(), state, now)), /is Failed: no room/);
  });
});
