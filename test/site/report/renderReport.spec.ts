import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Finding, FindingKind, LiveState } from "../../../drift/types";
import type { SitePlan } from "../../../planning/plan";
import { emptyRecord, type PointRecord } from "../../../planning/pointRecord";
import { recordOf } from "../../../restorepoint/knownPoints";
import { finding as check } from "../../../site/preflight/finding";
import { renderReport } from "../../../site/report/renderReport";
import { fixedInput, pageOf } from "./page";
import { ownerMark, snapshotName } from "../../../planning/names";
import { snapshot } from "../preflight/vmFixtures";
import { allLosses, member, planOf, point, siteNodes, verdict } from "./plans";

// What this file cannot prove: how a browser lays the page out. It reads marks and visible words.

const sites = [siteNodes("a", 2), siteNodes("b", 2), siteNodes("c", 2)];

function finding(kind: FindingKind, wish: Partial<Finding> = {}): Finding {
  return {
    kind,
    urn: "urn",
    type: "type",
    object: "StorageClass atom-replicated",
    changes: [],
    reason: "a reason",
    command: undefined,
    id: undefined,
    ...wish,
  };
}

describe("the report's head", () => {
  it("says that promised losses are survived unattended", () => {
    const page = pageOf({ plan: planOf() });
    assert.match(
      page.text('id="verdict"'),
      /Survives the loss of any one node or site, unattended/u,
    );
    assert.equal(page.tags('data-verdict="good"').length, 1);
  });

  it("says that a person is needed when one promised loss needs one", () => {
    const verdicts = allLosses(sites).map((loss, index) =>
      verdict(loss, { unattended: index > 0 }),
    );
    const page = pageOf({ plan: planOf({ verdicts }) });
    assert.match(page.text('id="verdict"'), /fail-over needs a person/u);
    assert.equal(page.tags('data-verdict="warn"').length, 1);
  });

  it("counts promised losses that are not survived", () => {
    const verdicts = allLosses(sites).map((loss, index) => verdict(loss, { writable: index > 1 }));
    const page = pageOf({ plan: planOf({ verdicts }) });
    assert.match(page.text('id="verdict"'), /Does not survive 2 of 9 promised losses/u);
    assert.equal(page.tags('data-verdict="bad"').length, 1);
  });

  it("does not hide losses beyond the promise behind a kept promise", () => {
    const verdicts = allLosses(sites).map((loss) =>
      verdict(loss, loss.kind === "site" ? { writable: false } : {}),
    );
    const page = pageOf({ plan: planOf({ verdicts, survive: "node" }) });
    assert.match(page.text('id="verdict"'), /Survives the loss of any one node, unattended/u);
    assert.match(page.text('id="verdict"'), /Not promised and not survived: 3 further losses\./u);
  });

  it("claims nothing when no loss was looked at", () => {
    const page = pageOf({ plan: planOf({ verdicts: [] }) });
    assert.match(page.text('id="verdict"'), /nothing is known about survival/u);
    assert.equal(page.tags('data-verdict="bad"').length, 1);
  });

  it("says where VM snapshots stand against a fail-over now, or that it cannot be told", () => {
    const line = "volumes of node a-1 cannot be detached while snapshot s exists";
    const held = pageOf({ plan: planOf({}), heldVolumes: { state: "read", lines: [line] } });
    assert.match(
      held.text('id="held-volumes"'),
      /Volumes of node a-1 cannot be detached while snapshot s exists\./u,
    );
    const unread = pageOf({
      plan: planOf({}),
      heldVolumes: { state: "unknown", why: "It is silent." },
    });
    assert.match(
      unread.text('id="held-volumes"'),
      /Whether VM snapshots hold volumes is unknown: It is silent\./u,
    );
    const none = pageOf({ plan: planOf({}), heldVolumes: { state: "read", lines: [] } });
    assert.equal(none.tags('id="held-volumes"').length, 0);
  });

  it("never calls copies or snapshots a backup", () => {
    const page = pageOf({ plan: planOf({ points: [point()] }) });
    assert.match(page.text('data-card="backup"'), /Nothing on this page is a backup/u);
    assert.match(page.rows("R10").join(), /shown here/u);
    assert.match(page.rows("R11").join(), /not promised/u);
  });
});

describe("what the report says about live systems", () => {
  const cases: readonly (readonly [readonly FindingKind[] | undefined, RegExp])[] = [
    [undefined, /Not looked at/u],
    [["same", "same"], /Yes \| 2 objects read live, no difference found/u],
    [["same", "missing"], /1 difference /u],
    [["same", "differs", "foreign"], /2 differences/u],
    [["unknown", "same"], /Unknown/u],
    [
      ["unknown", "differs"],
      /Unknown \| Not everything could be read\. Of what could, 1 object differs/u,
    ],
  ];
  for (const [kinds, expected] of cases) {
    it(`${kinds?.join(" and ") ?? "nothing"}: ${expected.source}`, () => {
      const page = pageOf({ plan: planOf(), drift: kinds?.map((kind) => finding(kind)) });
      assert.match(page.text('data-card="live"'), expected);
    });
  }

  it("lists what differs first, with both values and the command that mends it", () => {
    const drift = [
      finding("same", { object: "VolumeSnapshotClass atom-snapshots" }),
      finding("differs", {
        changes: [{ path: "parameters.replicas", from: "2", to: "3" }],
        command: "./atom up",
      }),
    ];
    assert.deepEqual(pageOf({ plan: planOf(), drift }).rows("drift"), [
      "StorageClass atom-replicated | ! differs | parameters.replicas: &quot;2&quot; → &quot;3&quot; | | a reason Run ./atom up. |",
      "VolumeSnapshotClass atom-snapshots | ✓ as declared | nothing | a reason |",
    ]);
  });

  it("says so when nothing was read", () => {
    const page = pageOf({ plan: planOf() });
    assert.deepEqual(page.rows("drift"), []);
    assert.match(page.text('id="resources"'), /Nothing live was read for this page/u);
  });

  it("shows findings with what to do", () => {
    const findings = [
      check("backend", "CRDs", ["error", "are missing", "install them"]),
      check("points", "restore points", ["unknown", "It is silent."]),
    ];
    assert.deepEqual(pageOf({ plan: planOf(), findings }).rows("finding"), [
      "CRDs | ✗ error | are missing | install them |",
      "restore points | ✗ unknown | It is silent. | nothing |",
    ]);
  });
});

describe("the survival table", () => {
  it("has a row for each loss with each verdict, failing ones first", () => {
    const verdicts = [
      verdict({ kind: "node", node: "a-1", site: "a" }),
      verdict({ kind: "node", node: "b-1", site: "b" }, { unattended: false }),
      verdict(
        { kind: "site", site: "a" },
        { writable: false, splitBrain: true, acknowledgedWritesLost: true, rule: "1 of 3 votes" },
      ),
    ];
    const points = "Restore points readable: yes: volume snapshots stay with the copies that stay";
    assert.deepEqual(pageOf({ plan: planOf({ verdicts }) }).rows("verdict"), [
      `site a is lost | ✗ not survived | yes | no | yes | yes | yes | 1 of 3 votes ${points} |`,
      `node b-1 (site b) is lost | ! survived by hand | yes | yes | by hand | no | no | one copy is left ${points} |`,
      `node a-1 (site a) is lost | ✓ survived | yes | yes | yes | no | no | one copy is left ${points} |`,
    ]);
  });

  it("has hosts and datastores with their VMs, and says which restore points are lost or not known", () => {
    const vms = ["a-1", "a-2"].map((name) => ({ name, site: "a", role: "storage" as const }));
    const lost = { vms, controlPlaneNodes: 3, all: false };
    const verdicts = [
      verdict({ kind: "host", host: "esx-1", ...lost }, { restorePointsReadable: "unknown" }),
      verdict(
        { kind: "datastore", datastore: "vsan", ...lost },
        { restorePointsReadable: "no", restorePointsRule: "the VM snapshots are lost" },
      ),
    ];
    const page = pageOf({ plan: planOf({ verdicts }) });
    assert.deepEqual(page.rows("verdict"), [
      "datastore vsan (a-1 and a-2) is lost | ✓ survived | yes | yes | yes | no | no | one copy is left " +
        "Restore points readable: no: the VM snapshots are lost |",
      "host esx-1 (a-1 and a-2) is lost | ✓ survived | yes | yes | yes | no | no | one copy is left " +
        "Restore points readable: unknown: volume snapshots stay with the copies that stay |",
    ]);
    assert.match(
      page.text('id="survival"'),
      /Node VMs that must not fall together are refused on one ESXi host, unless/u,
    );
  });

  it("says of a loss that was never promised that it was not", () => {
    const verdicts = [verdict({ kind: "link", between: ["a", "b"] }, { writable: false })];
    const [row] = pageOf({ plan: planOf({ verdicts }) }).rows("verdict");
    assert.match(row ?? "", /✗ not survived, not promised/u);
  });

  it("lists the steps of a fail-over by hand", () => {
    const failover = { mode: "manual", why: "No mechanism.", steps: ["First.", "Then."] } as const;
    const page = pageOf({ plan: planOf({ failover }) });
    assert.match(page.text('id="failover"'), /by hand \s*No mechanism\. \| First\. \| Then\./u);
    assert.match(page.rows("R7").join(), /not promised \| By hand here: No mechanism\./u);
  });
});

const volumePoint: PointRecord = {
  ...emptyRecord({
    name: "pre-24.2",
    stack: "lab",
    release: "24.2",
    state: "ready",
    consistency: "frozen",
    expires: "2026-12-05T00:00:00Z",
    volumes: [{ namespace: "atom", claim: "data-0", uid: "uid-0" }],
  }),
  takenAt: "2026-11-22T11:00:00Z",
  members: [
    {
      kind: "volume",
      namespace: "atom",
      claim: "data-0",
      uid: "uid-0",
      snapshot: "pre-24.2.data-0",
      content: "content-0",
      handle: "handle-1",
      createdAt: "2026-11-22T11:00:00Z",
      bytes: 1024,
    },
  ],
  verifications: [
    { member: "volume atom/data-0", result: "proven", at: "2026-11-22T12:00:00Z", seconds: 1 },
  ],
};

function recordsOf({ site }: SitePlan): readonly PointRecord[] {
  return site.restorePoints.map((file) => recordOf(site, file));
}

describe("restore points in the report", () => {
  const live = (references: readonly string[]): LiveState => ({
    cluster: { state: "notNeeded" },
    vcenter: {
      state: "read",
      value: {
        instanceUuid: "id",
        vms: point().vms.map(({ node, uuid, handle: reference, takenAt: createdAt }) => ({
          reference: `vm-${node}`,
          name: node,
          uuid,
          host: undefined,
          datastores: [],
          attributes: new Map(),
          snapshots: references.includes(reference)
            ? [
                snapshot(reference, {
                  name: snapshotName("lab", "pre-24.1"),
                  createdAt,
                  description: ownerMark({
                    stack: "lab",
                    point: "pre-24.1",
                    release: "24.1",
                    node,
                  }),
                }),
              ]
            : [],
        })),
      },
    },
  });

  it("gives state, release, age and end", () => {
    const rows = pageOf({ plan: planOf({ points: [point()] }) }).rows("point");
    assert.equal(rows.length, 1);
    assert.match(
      rows[0] ?? "",
      /^pre-24\.1 \| ✓ ready \| 24\.1 \| 2026-11-22 10:00 UTC \(1 day 4 hours ago\) \| never \| 2026-11-25 10:00 UTC \|/u,
    );
  });

  it("ends VM snapshots at the point's expiry where that is first", () => {
    const points = [point({ expires: "2026-11-23T00:00:00Z" })];
    const page = pageOf({ plan: planOf({ points }) });
    assert.match(page.rows("point").join(), /2026-11-23 00:00 UTC ! overdue/u);
    assert.match(page.text('data-card="points"'), /1 past the end given to it/u);
  });

  it("does not call a held point overdue", () => {
    const plan = planOf({ points: [point({ expires: "2026-11-23T00:00:00Z" })] });
    const points = recordsOf(plan).map((record) => ({ ...record, hold: true }));
    const row = pageOf({ plan, points }).rows("point").join();
    assert.match(row, /held/u);
    assert.doesNotMatch(row, /overdue/u);
  });

  it("says that the catalog was not read, and nothing of the kind where it was", () => {
    const plan = planOf({ points: [point()] });
    const section = 'id="restore-points"';
    assert.match(pageOf({ plan }).text(section), /catalog was not read/u);
    assert.doesNotMatch(pageOf({ plan, points: recordsOf(plan) }).text(section), /not read/u);
  });

  it("shows a point of volumes alone with its claims, its proof and its end", () => {
    const points = [volumePoint];
    const page = pageOf({ plan: planOf(), points });
    assert.match(
      page.rows("point").join(),
      /^pre-24\.2 \| ✓ ready \| 24\.2 \| 2026-11-22 11:00 UTC .* \| 2026-11-22 12:00 UTC \| 2026-12-05 00:00 UTC \| Volumes \| atom\/data-0 recorded, not looked at handle-1/u,
    );
    assert.match(page.rows("R8").join(), /shown here \| 1 volume snapshots/u);
    const unproven = pageOf({ plan: planOf(), points: [{ ...volumePoint, verifications: [] }] });
    assert.match(unproven.rows("point").join(), /\| never \|/u);
    assert.match(
      pageOf({ plan: planOf(), points: [] }).rows("R8").join(),
      /declared, not measured/u,
    );
  });

  it("leaves out points that have ended", () => {
    const points = [{ ...volumePoint, state: "expired" as const }];
    assert.deepEqual(pageOf({ plan: planOf(), points }).rows("point"), []);
  });

  it("tells members that are there from missing ones", () => {
    const plan = planOf({ points: [point()] });
    const page = pageOf({ plan, live: live(["snapshot-11"]) });
    assert.match(
      page.rows("point").join(),
      /a-1 ✓ there snapshot-11 \| b-1 ✗ missing snapshot-12/u,
    );
    assert.match(page.text('data-card="points"'), /No usable restore point/u);
  });

  it("calls a point seen only when every member was", () => {
    const plan = planOf({ points: [point()] });
    const seen = pageOf({ plan, live: live(["snapshot-11", "snapshot-12"]) });
    assert.match(seen.text('data-card="points"'), /each member seen live/u);
    const unread = pageOf({
      plan,
      live: { cluster: { state: "notNeeded" }, vcenter: { state: "unknown", why: "down" } },
    });
    assert.match(unread.text('data-card="points"'), /not every member looked at/u);
    assert.match(unread.rows("point").join(), /vCenter could not be read/u);
  });

  it("does not offer a point with a lost member", () => {
    const vms = [member("a-1", "snapshot-11", { lost: "2026-11-23T00:00:00Z" })];
    const page = pageOf({ plan: planOf({ points: [point({ vms })] }) });
    assert.match(page.text('data-card="points"'), /No usable restore point/u);
    assert.match(page.rows("point").join(), /✗ lost recorded as ready .* a-1 ✗ lost/u);
  });
});

describe("the rest of the report", () => {
  it("lists R1 to R16 once each", () => {
    const page = pageOf({ plan: planOf() });
    for (let number = 1; number <= 16; number += 1) {
      assert.equal(page.rows(`R${number}`).length, 1, `R${number}`);
    }
  });

  it("promises nothing about sites below three", () => {
    const dataSites = [siteNodes("a", 2), siteNodes("b", 2)];
    const page = pageOf({ plan: planOf({ dataSites, survive: "node" }) });
    assert.match(page.rows("R6").join(), /not promised \| 2 independent sites/u);
  });

  it("shows waivers and which are over", () => {
    const waiver = { rule: "factor", subject: "x", who: "N. N.", why: "trial" };
    const waivers = [
      { ...waiver, until: "2026-11-01T00:00:00Z" },
      { ...waiver, until: "2027-01-01T00:00:00Z" },
    ];
    const page = pageOf({ plan: planOf({ waivers }) });
    assert.deepEqual(page.rows("waiver"), [
      "factor | x | N. N. | trial | 2026-11-01 00:00 UTC ✗ expired |",
      "factor | x | N. N. | trial | 2027-01-01 00:00 UTC |",
    ]);
    assert.match(page.html, /2, 1 expired/u);
  });

  it("gives every parameter of a class with a reason", () => {
    const parameters = { "linstor.csi.linbit.com/placementCount": "2", odd: "yes" };
    const rows = pageOf({ plan: planOf({ backend: "linstor", parameters }) }).rows("setting");
    assert.ok(
      rows.includes(
        "linstor.csi.linbit.com/placementCount | 2 | Copies of each volume. Without it LINSTOR makes one. |",
      ),
    );
    assert.ok(rows.includes("odd | yes | Set in the stack file for this backend. |"));
  });

  it("is the same for the same input", () => {
    const input = { ...fixedInput, plan: planOf({ points: [point()] }), drift: [finding("same")] };
    assert.equal(renderReport(input), renderReport(input));
  });
});

describe("the safety of the report", () => {
  const hostile = `"><script>alert('x')</script>&amp;`;

  it("escapes every name that comes from outside", () => {
    const dataSites = [{ ...siteNodes(hostile, 1), storageNodes: [hostile] }];
    const page = pageOf({
      plan: planOf({
        stack: hostile,
        className: hostile,
        dataSites,
        replicasPerSite: { [hostile]: 1 },
        verdicts: [verdict({ kind: "site", site: hostile }, { rule: hostile })],
        failover: { mode: "manual", why: hostile, steps: [hostile] },
        parameters: { [hostile]: hostile },
        points: [point({ name: hostile, vms: [member(hostile, hostile)] })],
        waivers: [{ rule: hostile, subject: hostile, who: hostile, why: hostile, until: hostile }],
      }),
      drift: [
        finding("differs", {
          object: hostile,
          changes: [{ path: hostile, from: hostile, to: { [hostile]: hostile } }],
          reason: hostile,
          command: hostile,
        }),
      ],
      findings: [check(hostile, hostile, ["warning", hostile, hostile])],
      target: { stack: hostile, place: hostile },
      program: { version: hostile },
    });
    assert.doesNotMatch(page.html, /<script/u);
    assert.doesNotMatch(page.html, /&amp;(?!amp;)/u);
    assert.ok(page.html.includes("&lt;script&gt;"));
  });

  it("loads nothing: no address, no script, no import, and a policy that forbids it", () => {
    const { html } = pageOf({ plan: planOf({ points: [point()] }) });
    assert.doesNotMatch(html, /https?:|\/\/[a-z]|url\(|@import|<script|<link|<img|<iframe|src=/iu);
    assert.match(html, /Content-Security-Policy" content="default-src 'none'/u);
  });

  it("says nothing of the vCenter's user and address", () => {
    const { html } = pageOf({ plan: planOf({ points: [point()] }) });
    assert.doesNotMatch(html, /vcenter\.example/u);
  });
});
