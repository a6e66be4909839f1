import { deepEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import type { JobStatus } from "../../../restorepoint/jobs/jobStatus";
import {
  judgeRestore,
  judgeTimeout,
  type RestoreView,
} from "../../../restorepoint/verify/judgeRestore";

function object(kind: string, status: object): ClusterObject {
  return { apiVersion: "v1", kind, metadata: { name: "verify-x" }, status };
}

const view: RestoreView = {
  content: object("VolumeSnapshotContent", { readyToUse: true }),
  snapshot: object("VolumeSnapshot", { readyToUse: true }),
  claim: object("PersistentVolumeClaim", { phase: "Bound" }),
  job: undefined,
  warnings: [],
};

function job(state: JobStatus["state"], change: Partial<JobStatus> = {}): JobStatus {
  return { state, containers: [], why: "", ...change };
}

const pending = object("PersistentVolumeClaim", { phase: "Pending" });
const unready = { snapshot: object("VolumeSnapshot", { readyToUse: false }) };
const refused = (message: string): Partial<RestoreView> => ({
  ...unready,
  content: object("VolumeSnapshotContent", { readyToUse: false, error: { message } }),
});
const provisioning = (message: string): Partial<RestoreView> => ({
  claim: pending,
  warnings: [{ reason: "ProvisioningFailed", message }],
});

describe("how far a restore has come", () => {
  const cases: readonly (readonly [string, Partial<RestoreView>, object])[] = [
    ["is binding", unready, { stage: "binding", text: "binding the snapshot" }],
    ["is restoring", { claim: pending }, { stage: "restoring", text: "restoring" }],
    ["has no claim yet", { claim: undefined }, { stage: "restoring", text: "restoring" }],
    [
      "waits for a pod",
      { job: job("waiting", { why: "its pod has not started yet" }) },
      { stage: "starting", text: "its pod has not started yet" },
    ],
    ["is read", { job: job("running") }, { stage: "reading", text: "reading" }],
    [
      "has lost the storage's snapshot",
      refused(
        "Failed to check and update snapshot content: can not find snapshot for snapshotID s-1",
      ),
      {
        stage: "failed",
        why: "it cannot be restored: Failed to check and update snapshot content: can not find snapshot for snapshotID s-1",
      },
    ],
    [
      "is refused by the driver",
      provisioning("failed to provision: rpc error: code = NotFound desc = no snapshot s-1."),
      {
        stage: "failed",
        why: "it cannot be restored: failed to provision: rpc error: code = NotFound desc = no snapshot s-1",
      },
    ],
    [
      "finds no room now, which is not the snapshot's fault",
      provisioning("rpc error: code = ResourceExhausted desc = pool is full"),
      { stage: "restoring", text: "rpc error: code = ResourceExhausted desc = pool is full" },
    ],
    [
      "cannot pull the probe's image, which is not the snapshot's fault",
      { job: job("failed", { why: "ErrImagePull: no such image" }) },
      { stage: "blocked", why: "ErrImagePull: no such image" },
    ],
    [
      "was interfered with",
      { content: undefined },
      { stage: "blocked", why: "what was made to restore it is gone: somebody removed it" },
    ],
  ];
  for (const [title, change, expected] of cases) {
    it(title, () => deepEqual(judgeRestore({ ...view, ...change }), expected));
  }

  it("passes over an error that the snapshot got over", () => {
    const stale = {
      readyToUse: true,
      error: { message: "rpc error: code = NotFound desc = not yet" },
    };
    deepEqual(judgeRestore({ ...view, content: object("VolumeSnapshotContent", stale) }), {
      stage: "starting",
      text: "starting the pod",
    });
  });

  it("ends with the container, whatever the job says", () => {
    const container = {
      name: "probe",
      state: "ended" as const,
      exitCode: 65,
      message: "wrong",
    };
    const ended = job("failed", { containers: [container] });
    deepEqual(judgeRestore({ ...view, job: ended }), { stage: "ended", job: ended });
  });
});

describe("why a restore was not done in time", () => {
  const cases: readonly (readonly [string, Partial<RestoreView>, object])[] = [
    [
      "it is still being read",
      { job: job("running") },
      {
        stage: "blocked",
        why: "reading it takes longer than 600 s; give product.probe.timeoutSeconds or --timeout more",
      },
    ],
    [
      "it cannot be mounted",
      { warnings: [{ reason: "FailedMount", message: "wrong fs type, bad superblock" }] },
      { stage: "failed", why: "it cannot be mounted: wrong fs type, bad superblock" },
    ],
    [
      "the storage has no room",
      provisioning("rpc error: code = ResourceExhausted desc = pool is full"),
      {
        stage: "blocked",
        why: "it is not restored after 600 s, the last word is: rpc error: code = ResourceExhausted desc = pool is full",
      },
    ],
    [
      "nobody says anything",
      { claim: pending },
      { stage: "blocked", why: "it is not restored after 600 s, and nobody says why" },
    ],
  ];
  for (const [title, change, expected] of cases) {
    it(title, () => deepEqual(judgeTimeout({ ...view, ...change }, 600), expected));
  }
});
