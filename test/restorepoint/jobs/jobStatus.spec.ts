import assert from "node:assert/strict";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { judgeJob } from "../../../restorepoint/jobs/jobStatus";

function job(...conditions: readonly object[]): ClusterObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "probe", namespace: "atom" },
    status: { conditions },
  };
}

function pod(status: object): ClusterObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "probe-x" }, status };
}

const terminated = (exitCode: number, message: string) => ({
  name: "probe",
  state: { terminated: { exitCode, message, finishedAt: "2026-11-25T10:00:00Z" } },
});
const waiting = { reason: "ImagePullBackOff", message: "Back-off pulling x" };
const no = { reason: "Unschedulable", message: "0/9 nodes are available." };
const unscheduled = { type: "PodScheduled", status: "False", ...no };
const failed = (reason: string, message: string) => ({
  type: "Failed",
  status: "True",
  reason,
  message,
});

describe("how a job stands", () => {
  const table: readonly [string, Parameters<typeof judgeJob>, string, string][] = [
    ["gone", [undefined, undefined], "failed", "the job is not there"],
    ["without a pod", [job(), undefined], "waiting", "its pod has not started yet"],
    [
      "with a pod that fits nowhere",
      [job(), pod({ phase: "Pending", conditions: [unscheduled] })],
      "waiting",
      "Unschedulable: 0/9 nodes are available",
    ],
    [
      "with an image that cannot be pulled",
      [
        job(),
        pod({ phase: "Pending", containerStatuses: [{ name: "probe", state: { waiting } }] }),
      ],
      "failed",
      "ImagePullBackOff: Back-off pulling x",
    ],
    ["running", [job(), pod({ phase: "Running" })], "running", "it runs"],
    [
      "with a container that ended badly, before the job knows",
      [job(), pod({ phase: "Failed", containerStatuses: [terminated(3, "data/x: FAILED\n")] })],
      "failed",
      "probe ended with exit code 3: data/x: FAILED",
    ],
    [
      "that ran into its limit",
      [job(failed("DeadlineExceeded", "Job was active longer than specified deadline")), undefined],
      "failed",
      "DeadlineExceeded: Job was active longer than specified deadline",
    ],
    [
      "with a pod that a node gave up",
      [job(), pod({ phase: "Failed", reason: "Evicted", message: "low on disk." })],
      "failed",
      "Evicted: low on disk",
    ],
    [
      "complete",
      [
        job({ type: "Complete", status: "True" }),
        pod({ phase: "Succeeded", containerStatuses: [terminated(0, "12 files")] }),
      ],
      "succeeded",
      "",
    ],
  ];
  for (const [title, input, state, why] of table) {
    it(title, () => {
      const status = judgeJob(...input);
      assert.deepEqual([status.state, status.why], [state, why]);
    });
  }

  it("keeps the last words of each container", () => {
    const { containers } = judgeJob(
      job(),
      pod({ phase: "Succeeded", containerStatuses: [terminated(0, " 12 files ")] }),
    );
    const words = { exitCode: 0, message: "12 files" };
    assert.deepEqual(containers, [{ name: "probe", state: "ended", ...words }]);
  });
});
