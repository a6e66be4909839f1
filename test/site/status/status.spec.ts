import { deepEqual, equal, match } from "node:assert/strict";

import { planSite } from "../../../planning";
import type { PointRecord } from "../../../planning/pointRecord";
import type { Site } from "../../../planning/site";
import { statusOf, type StatusFacts, type Status } from "../../../site/status/status";
import { statusTexts } from "../../../site/status/words";
import { found } from "../../../drift/types";
import { liveOf } from "../../drift/fixtures";
import {
  cluster,
  liveContent,
  liveSnapshots,
  point,
  vm,
  vmMember,
  vmSnapshot,
  volume,
} from "../../restorepoint/expire/fixtures";
import { siteOf } from "../../support/sites";

const now = new Date("2026-11-21T10:00:01Z");

function proof(name: string, at: string): PointRecord["verifications"][number] {
  return { member: `volume atom/${name}`, result: "proven", at, seconds: 60 };
}

/** A run of `restore-point verify` in a journal. */
function run(from: string, to: string): Partial<PointRecord> {
  const common = { who: "kim", command: "restore-point verify", run: 1, step: "", chain: "" };
  return {
    journal: {
      sequence: 2,
      summaries: [],
      entries: [
        { ...common, sequence: 1, at: from, event: "opened", detail: {} },
        { ...common, sequence: 2, at: to, event: "closed", detail: { outcome: "done" } },
      ],
    },
  };
}

const older = point("older", {
  takenAt: "2026-11-19T10:00:01Z",
  verifications: [proof("data-0", "2026-11-20T00:10:00Z")],
  ...run("2026-11-20T00:00:00Z", "2026-11-20T00:12:00Z"),
});
const newer = point("newer");
const vms = point("vms", {
  takenAt: "2026-11-20T20:00:01Z",
  members: [vmMember("vms", "a1")],
  expires: "2026-11-21T20:00:00Z",
});
const records = [older, newer, vms];

function status(change: Partial<StatusFacts> = {}, site: Partial<Site> = {}): Status {
  const plan = planSite(siteOf(site));
  const snapshots = liveSnapshots(cluster(records), [
    vm("a1", [vmSnapshot("vms", "a1", undefined)]),
  ]);
  const known = { points: records, images: [], unknown: [] };
  return statusOf({ plan, known, snapshots, findings: [], live: liveOf({}), now, ...change });
}

describe("the status", () => {
  it("leads back to the newest point whose volumes are there, and says which was proven", () => {
    const { recoverable, proven, vms: machines, verification, nextExpiry } = status();
    deepEqual(recoverable, { point: "newer", takenAt: newer.takenAt, ageSeconds: 86_400 });
    deepEqual([proven?.point, proven?.at], ["older", "2026-11-20T00:10:00Z"]);
    equal(machines?.point, "vms");
    deepEqual(verification, {
      point: "older",
      at: "2026-11-20T00:12:00Z",
      seconds: 720,
      whole: true,
    });
    deepEqual(nextExpiry, {
      ...{ point: "vms", at: "2026-11-21T20:00:00.000Z" },
      due: false,
    });
  });

  it("passes over a point of which a volume is gone, or nobody can look", () => {
    const contents = [liveContent(volume("older", "data-0"))];
    const gone = liveSnapshots(cluster(records, { contents }));
    equal(status({ snapshots: gone }).recoverable?.point, "older");
    const silent = { ...gone, cluster: { state: "unknown", why: "It is silent." } } as const;
    const blind = status({ snapshots: silent });
    deepEqual([blind.recoverable, blind.proven], [undefined, undefined]);
    match(blind.unknown.join(), /It is silent/);
  });

  it("counts neither copies nor snapshots as a backup", () => {
    const { copiesOffCluster, notCounted } = status();
    deepEqual(copiesOffCluster, []);
    match(notCounted.join("; "), /2 copies.*2 volume snapshots and 1 VM snapshot/);
    const [, text] =
      statusTexts(status()).find(([about]) => about === "copies off the cluster") ?? [];
    match(text ?? "", /^none/);
  });

  it("compares what was measured with the targets, and nothing measured meets none", () => {
    const targets = { rpo: "24h", rto: "10m" };
    const told = ({ targets: found }: Status): unknown =>
      found.map(({ name, measured, met }) => [name, measured, met]);
    deepEqual(told(status({}, { targets })), [
      ["rpo", 86_400, true],
      ["rto", 720, false],
    ]);
    const known = { points: [], images: [], unknown: [] };
    deepEqual(told(status({ known }, { targets })), [
      ["rpo", undefined, false],
      ["rto", undefined, false],
    ]);
  });

  it("takes no time of a verification of some volumes for the way back of all", () => {
    const members = [volume("older", "data-0"), volume("older", "data-1")];
    const known = { points: [{ ...older, members }], images: [], unknown: [] };
    const { verification, targets } = status({ known }, { targets: { rto: "1h" } });
    equal(verification?.whole, false);
    deepEqual(targets, [{ name: "rto", seconds: 3600, measured: undefined, met: false }]);
  });

  it("shows the worst findings first, and knows nothing of survival while nodes are unread", () => {
    const findings = [
      found("differs", "StorageClass x", "edited"),
      found("unknown", "nodes", "forbidden"),
      found("lost", "VM snapshot y", "gone"),
      found("missing", "StorageClass z", "deleted"),
      found("same", "StorageClass s", "as declared"),
    ];
    const { findings: told, survival, unknown } = status({ findings });
    equal(told.count, 4);
    deepEqual(
      told.worst.map(({ kind }) => kind),
      ["lost", "unknown", "missing"],
    );
    equal(survival, undefined);
    deepEqual(unknown, ["nodes: forbidden"]);
  });
});
