import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largeSite } from "../../../bench/largeSite";
import { engineConfiguration } from "../../../config/engineConfiguration";
import { parseSite } from "../../../config/parseSite";
import { projectRoot } from "../../../config/projectRoot";
import { collect } from "../../../engine/program/collect";
import { findDrift } from "../../../drift/findings";
import type { LiveState } from "../../../drift/types";

const vms = 334;
const points = 3;

/** Sizes, not speeds: how long it takes is for the benchmarks, which give ratios. */
describe("a site of 334 machines with three restore points", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "atom-scale-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is collected whole and compared in one go, each machine's snapshots in a chain", async () => {
    const root = projectRoot();
    const raw = largeSite(vms, folder);
    const configuration = engineConfiguration(raw);
    const largest = Math.max(...Object.values(configuration.config).map((text) => text.length));
    assert.ok(largest < 64 * 1024, `the largest value has ${largest} characters`);

    const desired = await collect({ root, stack: "lab", ...configuration });
    const snapshots = desired.registrations.filter(({ type }) =>
      type.endsWith(":VirtualMachineSnapshot"),
    );
    assert.equal(snapshots.length, vms * points);
    assert.equal(new Set(snapshots.map(({ urn }) => urn)).size, vms * points);
    const chained = snapshots.filter(({ dependsOn }) =>
      dependsOn.some((urn) => urn.includes("VirtualMachineSnapshot")),
    );
    assert.equal(chained.length, vms * (points - 1));

    const live: LiveState = {
      cluster: {
        state: "read",
        value: { uid: "u", objects: new Map(), absentKinds: new Set(), unreadKinds: new Map() },
      },
      vcenter: {
        state: "read",
        value: {
          instanceUuid: "v",
          vms: snapshots.slice(0, vms).map(({ inputs }, index) => ({
            reference: `vm-${index}`,
            name: `worker-${index}`,
            uuid: String(inputs["virtualMachineUuid"]),
            host: undefined,
            datastores: [],
            attributes: new Map(),
            snapshots: [],
          })),
        },
      },
    };
    const found = findDrift({
      desired,
      state: { resources: [], pendingCreations: [] },
      live,
      points: parseSite(raw).restorePoints,
    });
    const missing = found.filter(({ kind }) => kind === "missing");
    assert.equal(missing.length, found.length);
    assert.equal(missing.length, vms * points + 3);
  });
});
