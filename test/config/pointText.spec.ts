import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPointFile } from "../../config/pointFile";
import { pointText } from "../../config/pointText";
import { pointFile } from "../support/points";
import { temporaryProject } from "./fixture";

describe("the text of a new point", () => {
  it("says what it was made from, and reads back as that", () => {
    const point = pointFile({
      name: "pre-24.2",
      release: "24.2",
      virtualMachines: ["a-1"],
      consistency: "stopped",
      groupVersion: "v1",
      volumes: [
        { namespace: "atom", claim: "data-0", uid: "7c1f0000-0000-4000-8000-000000000001" },
      ],
    });
    const project = temporaryProject({});
    try {
      const file = join(project.root, "pre-24.2.yaml");
      writeFileSync(file, pointText(point));
      assert.deepEqual(readPointFile(file), point);
    } finally {
      project.remove();
    }
  });

  it("has a comment beside each decision", () => {
    assert.equal(
      pointText(pointFile({ name: "p", release: "24.2", virtualMachines: "none" })),
      [
        "# Restore point p, written by `./atom restore-point create`.",
        "name: p",
        'release: "24.2"',
        "# stopped: the product is stopped for the cut. frozen: frozen by its hooks. crash: as after a power cut.",
        "consistency: crash",
        "# all: every storage and worker VM; none; or names of nodes.",
        "virtualMachines: none",
        "memory: false",
        "quiesce: false",
        "# When it may be removed. VM snapshots end earlier, by virtualMachines.maxAgeHours.",
        "expires: 2026-12-01T00:00:00Z",
        "# Set by commands.",
        "state: planned",
        "# The claims whose volumes it holds.",
        "volumes: []",
        "",
      ].join("\n"),
    );
  });
});
