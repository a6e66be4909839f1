import assert from "node:assert/strict";

import { checkConfiguration } from "../../config/parseSite";
import type { JsonMap, RawPoint } from "../../config/rawConfiguration";
import { assertTold } from "../support/told";
import { plannedPoint, raw, rawPoint, said, withVms } from "./fixture";

const file = "stacks/restore-points/demo/pre-24.1.yaml";
const takenAt = "2026-11-23T18:00:00Z";
const vms = [
  {
    node: "a-1",
    uuid: "42100000-0000-4000-8000-000000000000",
    handle: "snapshot-7",
    takenAt,
  },
];
const taken: JsonMap = { ...plannedPoint, state: "ready", vms };
const zone = "an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z";

const refused: readonly (readonly [string, JsonMap, string])[] = [
  ["a release without quotes", { ...plannedPoint, release: 24.1 }, 'release = 24.1: … "24.1"'],
  [
    "a name that is not the file's",
    { ...plannedPoint, name: "pre-24" },
    'name = "pre-24": … pre-24.1 … pre-24.yaml',
  ],
  ["an unknown key", { ...plannedPoint, expire: takenAt }, "expire: … Did you mean expires?"],
  [
    "an expiry that is no time",
    { ...plannedPoint, expires: "tomorrow" },
    `expires = "tomorrow": … ${zone}`,
  ],
  [
    "an expiry without a zone",
    { ...plannedPoint, expires: "2031-01-01T00:00:00" },
    `expires = "2031-01-01T00:00:00": … ${zone}`,
  ],
  [
    "VMs that are neither all, none nor names",
    { ...plannedPoint, virtualMachines: "some" },
    'virtualMachines = "some": … "all", "none" or a list of node names',
  ],
  [
    "an unknown VM",
    { ...plannedPoint, virtualMachines: ["a-1", "a-2"] },
    'virtualMachines[1] = "a-2": … Did you mean a-1? … a-1, b-1, c-1',
  ],
  ["snapshots that nothing took", { ...plannedPoint, vms }, "vms: … version control"],
  ["a taken point without snapshots", { ...plannedPoint, state: "ready" }, "vms: … state: taking"],
  [
    "a state that only the catalog knows",
    { ...taken, state: "expired" },
    'state = "expired": … Allowed: planned, taking, ready, expiring',
  ],
  [
    "a snapshot without its reference",
    { ...taken, vms: [{ ...vms[0], handle: "" }] },
    'vms[0].handle = "": … one line of text',
  ],
];

describe("restore point files that are refused", () => {
  for (const [name, document, expected] of refused) {
    it(name, () => {
      assertTold(said(raw(withVms, [rawPoint(document)])), [`${file}: 1 problem`, `  ${expected}`]);
    });
  }

  it("what could not be read", () => {
    const problem = "line 2: is not YAML: Flow map must end with a }.";
    const point: RawPoint = { file, name: "pre-24.1", document: undefined, problem };
    assert.deepEqual(said(raw(withVms, [point])), [`${file}: 1 problem`, `  ${problem}`]);
  });
});

describe("the restore points of a site", () => {
  it("are the files, in their order", () => {
    const files = ["a", "b"].map((name) => rawPoint({ ...plannedPoint, name }, name));
    const { site, problems } = checkConfiguration(raw(withVms, files));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      site?.restorePoints.map(({ name }) => name),
      ["a", "b"],
    );
  });

  it("may be marked and expire once they are taken, whatever the node list has become", () => {
    for (const changed of [
      { ...taken, state: "expiring", expires: "2032-01-01T00:00:00Z" },
      { ...taken, vms: [{ ...vms[0], lost: takenAt, expiredAt: takenAt }] },
      { ...taken, virtualMachines: ["gone-1"], vms: [{ ...vms[0], node: "gone-1" }] },
    ]) {
      assert.deepEqual(said(raw(withVms, [rawPoint(changed)])), []);
    }
  });
});
