import assert from "node:assert/strict";

import { buildPoint } from "../../config/buildSite";
import { checkConfiguration } from "../../config/parseSite";
import { pointDigest } from "../../config/pointDigest";
import { formatProblems } from "../../config/problems";
import type { JsonMap, RawPoint } from "../../config/rawConfiguration";
import { plannedPoint, raw, rawPoint, said, smallest, withVms } from "./fixture";

const file = "stacks/restore-points/demo/pre-24.1.yaml";
const listed: JsonMap = { ...withVms, restorePoints: ["pre-24.1"] };
const takenAt = "2026-11-23T18:00:00Z";
const restore = "Bring the file back from version control; what a cut fixed cannot be edited";
const members = [
  {
    kind: "virtualMachine",
    node: "a-1",
    uuid: "42100000-0000-4000-8000-000000000000",
    handle: "snapshot-7",
  },
];
const recorded: JsonMap = { ...plannedPoint, state: "ready", takenAt, members };
const taken: JsonMap = { ...recorded, digest: pointDigest(buildPoint(recorded)) };
const edited = `digest: does not fit: the point was edited after it was cut at ${takenAt}. ${restore}. Only state, expires, hold and a member's lost and expiredAt may change.`;

const ofFile: readonly (readonly [string, JsonMap, readonly string[]])[] = [
  [
    "a release without quotes",
    { ...plannedPoint, release: 24.1 },
    ['release = 24.1: is not text. Write it in quotes: "24.1".'],
  ],
  [
    "a name that is not the file's",
    { ...plannedPoint, name: "pre-24" },
    [
      'name = "pre-24": differs from the name of the file. Write name: pre-24.1, or rename the file to pre-24.yaml.',
    ],
  ],
  [
    "an unknown key",
    { ...plannedPoint, expire: takenAt },
    ["expire: is not a known key. Did you mean expires?"],
  ],
  [
    "an expiry that is no time",
    { ...plannedPoint, expires: "tomorrow" },
    [
      'expires = "tomorrow": is not an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z.',
    ],
  ],
  [
    "an expiry without a zone",
    { ...plannedPoint, expires: "2031-01-01T00:00:00" },
    [
      'expires = "2031-01-01T00:00:00": is not an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z.',
    ],
  ],
  [
    "VMs that are neither all, none nor names",
    { ...plannedPoint, virtualMachines: "some" },
    ['virtualMachines = "some": is not "all", "none" or a list of node names.'],
  ],
  [
    "an unknown VM",
    { ...plannedPoint, virtualMachines: ["a-1", "a-2"] },
    [
      'virtualMachines[1] = "a-2": no such node in virtualMachines.nodes of the stack file. Did you mean a-1? Known nodes: a-1, b-1, c-1.',
    ],
  ],
  [
    "memory of storage nodes",
    { ...plannedPoint, virtualMachines: ["a-1"], memory: true },
    [
      "memory = true: a-1 (storage) would come back running, with replicas or etcd in a state that the others have left behind. Allowed: false, or virtualMachines with worker nodes only.",
    ],
  ],
  [
    "a cut without its time",
    { ...plannedPoint, state: "ready" },
    [
      "takenAt: is missing, although the state is ready. Set state: taking to have the point cut, or state: planned.",
    ],
  ],
  [
    "members that no cut wrote",
    { ...plannedPoint, members },
    [`members: is written by the cut only. ${restore}.`],
  ],
  [
    "a digest that no cut wrote",
    { ...plannedPoint, digest: "0".repeat(64) },
    [`digest: stands without takenAt. ${restore}.`],
  ],
  [
    "a second cut",
    { ...taken, state: "taking" },
    [
      `state = "taking": cannot be, since the point was cut at ${takenAt}: a cut is never repeated. Plan a point of another name.`,
    ],
  ],
  [
    "a cut without its digest",
    recorded,
    [`digest: is missing, although the point was cut at ${takenAt}. ${restore}.`],
  ],
  ["a cut whose release was edited", { ...taken, release: "24.2" }, [edited]],
  [
    "a cut whose time was edited",
    { ...taken, takenAt: "2026-11-23T18:00:01Z" },
    [edited.replace("18:00:00Z", "18:00:01Z")],
  ],
  ["a cut whose VMs were edited", { ...taken, virtualMachines: "none" }, [edited]],
  ["a cut whose memory was edited", { ...taken, memory: true }, [edited]],
  ["a cut whose member was taken out", { ...taken, members: [] }, [edited]],
  [
    "a cut whose handle was edited",
    { ...taken, members: [{ ...members[0], handle: "snapshot-8" }] },
    [edited],
  ],
];

describe("restore point files that are refused", () => {
  for (const [name, document, expected] of ofFile) {
    it(name, () => {
      const count = expected.length === 1 ? "1 problem" : `${expected.length} problems`;
      assert.deepEqual(said(raw(listed, [rawPoint(document)])), [
        `${file}: ${count}`,
        ...expected.map((line) => `  ${line}`),
      ]);
    });
  }

  it("memory together with quiesce", () => {
    const document = { ...plannedPoint, virtualMachines: "none", memory: true, quiesce: true };
    const [head, line] = said(raw(listed, [rawPoint(document)]));
    assert.equal(head, `${file}: 1 problem`);
    assert.match(
      line ?? "",
      /^ {2}(memory|quiesce) = true: .*Allowed: memory or quiesce, not both\.$/,
    );
  });

  it("what is not YAML", () => {
    const point: RawPoint = {
      file,
      name: "pre-24.1",
      document: undefined,
      problem: "line 2: is not YAML: Flow map must end with a }.",
    };
    assert.deepEqual(said(raw(listed, [point])), [
      `${file}: 1 problem`,
      "  line 2: is not YAML: Flow map must end with a }.",
    ]);
  });

  it("VMs where the stack describes none", () => {
    const values = { ...smallest, restorePoints: ["pre-24.1"] };
    assert.deepEqual(said(raw(values, [rawPoint(plannedPoint)])), [
      `${file}: 1 problem`,
      '  virtualMachines = "all": the stack describes no virtualMachines that could be taken. Allowed: none, or virtualMachines in the stack file.',
    ]);
  });
});

describe("the list of restore points", () => {
  it("refuses a point without a file and one that stands twice", () => {
    const values = { ...withVms, restorePoints: ["pre-24.1", "pre-24.1", "pre-24.2"] };
    assert.deepEqual(said(raw(values, [rawPoint(plannedPoint)])), [
      "stacks/Pulumi.demo.yaml: 2 problems",
      '  restorePoints[1] = "pre-24.1": is that of restorePoints[0] already.',
      '  restorePoints[2] = "pre-24.2": has no file stacks/restore-points/demo/pre-24.2.yaml. Did you mean pre-24.1? Write the file, or take the name off the list.',
    ]);
  });

  it("notes a file that is not listed, without refusing", () => {
    const { site, problems, notes } = checkConfiguration(raw(withVms, [rawPoint(plannedPoint)]));
    assert.deepEqual(problems, []);
    assert.deepEqual(site?.restorePoints, []);
    assert.equal(
      formatProblems(notes, "stacks/Pulumi.demo.yaml"),
      `${file}: 1 problem\n  restorePoints: does not list pre-24.1, which has a file; the point is left alone. Add pre-24.1 to restorePoints to have it declared.`,
    );
  });

  it("keeps the order of the list", () => {
    const values = { ...withVms, restorePoints: ["b", "a"] };
    const files = ["a", "b"].map((name) => rawPoint({ ...plannedPoint, name }, name));
    assert.deepEqual(
      checkConfiguration(raw(values, files)).site?.restorePoints.map(({ name }) => name),
      ["b", "a"],
    );
  });

  it("accepts what commands may change of a cut point", () => {
    const changed = {
      ...taken,
      state: "expiring",
      hold: true,
      expires: "2032-01-01T00:00:00Z",
      members: [{ ...members[0], lost: takenAt, expiredAt: takenAt }],
    };
    assert.deepEqual(said(raw(listed, [rawPoint(changed)])), []);
  });

  it("no longer asks the node list about a cut point", () => {
    const gone = [{ ...members[0], node: "gone-1" }];
    const document: JsonMap = { ...recorded, virtualMachines: ["gone-1"], members: gone };
    const digest = pointDigest(buildPoint(document));
    assert.deepEqual(said(raw(listed, [rawPoint({ ...document, digest })])), []);
  });
});
