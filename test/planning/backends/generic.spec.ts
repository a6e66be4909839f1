import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { refusals, tells } from "../support/refusals";
import {
  classSpec,
  dataSite,
  genericSite,
  siteOf,
  THREE_SITES,
  witnessSite,
  ZONE,
} from "../../support/sites";

const STATED = genericSite({ failoverMechanism: "the array's own agent" }).backendOptions;

function site(options: Site["backendOptions"] = STATED, changes: Partial<Site> = {}): Site {
  return siteOf({
    backend: "generic",
    backendOptions: options,
    failover: "automatic",
    ...changes,
  });
}

/** What was stated, with changes; an undefined value takes the key away. */
function stated(
  changes: Record<string, Site["backendOptions"][string] | undefined>,
): Site["backendOptions"] {
  const merged = { ...STATED, ...changes };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

describe("a class of a stated driver", () => {
  it("carries the number of copies under the stated key, and what is passed on", () => {
    const plan = planSite(
      site(stated({ parameters: ["pool=gold", "q=a=b"], volumeBindingMode: "Immediate" }), {
        classes: [classSpec({ fsType: "xfs", options: { parameters: ["pool=silver"] } })],
      }),
    );
    assert.equal(plan.classes[0]?.provisioner, "csi.example.com");
    assert.deepEqual(plan.classes[0]?.parameters, {
      pool: "silver",
      q: "a=b",
      copies: "2",
      "csi.storage.k8s.io/fstype": "xfs",
    });
    assert.equal(plan.classes[0]?.volumeBindingMode, "Immediate");
    assert.deepEqual(plan.failover, {
      mode: "automatic",
      mechanism: "as stated: the array's own agent",
      rebuilds: "not stated: ask the storage's own documentation",
    });
    assert.deepEqual(plan.snapshotClass?.parameters, {});
    assert.equal(plan.groupSnapshotClass, undefined);
  });

  it("carries no number where the array keeps the copies", () => {
    const plan = planSite(
      site(
        stated({ replicaKey: undefined, arrayReplicates: true, copies: 2, groupSnapshots: true }),
      ),
    );
    assert.deepEqual(plan.classes[0]?.parameters, {});
    assert.equal(plan.classes[0]?.volumeBindingMode, "WaitForFirstConsumer");
    assert.equal(plan.groupSnapshotClass?.driver, "csi.example.com");
  });

  it("claims what was stated and the copies allow, and nothing else", () => {
    const { survival } = planSite(site());
    assert.equal(
      survival.summary,
      "Survives the loss of any one node and any one site, unattended; not survived: 3 of 3 links",
    );
    const rule = (kind: string): string | undefined =>
      survival.verdicts.find((verdict) => verdict.loss.kind === kind)?.rule;
    assert.equal(
      rule("node"),
      "1 of 2 copies stays; that the storage serves on is the operator's statement",
    );
    assert.equal(
      rule("link"),
      "what the storage does when a link is cut is not stated (backendOptions.survives)",
    );
  });

  it("takes the operator's word for a link too", () => {
    const { survival } = planSite(site(stated({ survives: ["node", "site", "link"] })));
    assert.equal(
      survival.verdicts.every((verdict) => verdict.survived),
      true,
    );
  });
});

describe("an unknown driver is refused", () => {
  const NODES_ONLY: Partial<Site> = {
    survive: "node",
    topology: { siteLabel: ZONE, sites: [dataSite("a", 3)] },
  };
  tells([
    [
      "without a word about it",
      site({}, { failover: "manual" }),
      [
        "backendOptions.provisioner:",
        "backendOptions.snapshots:",
        "replicationFactor = 2:",
        "backendOptions.spread: … Allowed: sites.",
      ],
    ],
    [
      "with copies from two sources",
      site(stated({ arrayReplicates: true })),
      ["backendOptions.arrayReplicates = true:"],
    ],
    [
      "with an array whose copies are not stated",
      site(stated({ replicaKey: undefined, arrayReplicates: true })),
      ["backendOptions.copies: … Allowed: 2."],
    ],
    [
      "with an array that keeps another number",
      site(stated({ replicaKey: undefined, arrayReplicates: true, copies: 3 })),
      ["backendOptions.copies = 3: … Allowed: 2."],
    ],
    [
      "with a spread over nodes where the cluster spans sites",
      site(stated({ spread: "nodes" })),
      ['backendOptions.spread = "nodes": … Allowed: sites.'],
    ],
    [
      "without a spread over nodes",
      site(stated({ spread: undefined }), NODES_ONLY),
      ["backendOptions.spread:"],
    ],
    [
      "with group snapshots, and without snapshots",
      site(stated({ snapshots: false, groupSnapshots: true })),
      ["backendOptions.groupSnapshots = true:"],
    ],
    [
      "with parameters that are none, or that are set already",
      site(stated({ parameters: ["pool", "copies=3"] }), {
        classes: [classSpec({ options: { parameters: ["csi.storage.k8s.io/fstype=xfs"] } })],
      }),
      [
        'backendOptions.parameters[0] = "pool": … Allowed: key=value, each key once.',
        'backendOptions.parameters[1] = "copies=3":',
        'classes[0].options.parameters[0] = "csi.storage.k8s.io/fstype=xfs":',
      ],
    ],
    [
      "with encryption",
      site(STATED, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true: … Allowed: false."],
    ],
    [
      "with automatic fail-over and no mechanism",
      site(stated({ failoverMechanism: undefined })),
      ['failover = "automatic":'],
    ],
    [
      "with a promise that nobody stated",
      site(stated({ survives: ["node"] })),
      ['survive = "site": … site a is lost … 2 of 3 control-plane … and 2 more cases'],
    ],
    [
      "with a promise about a witness that nobody stated",
      site(STATED, {
        topology: {
          siteLabel: ZONE,
          sites: [dataSite("a", 2), dataSite("b", 2), witnessSite("w", 0)],
        },
      }),
      ['survive = "site": … witness w is lost'],
    ],
  ]);

  it("and accepted where everything is stated", () => {
    assertTold(refusals(site()), []);
    assert.deepEqual(
      refusals(site(STATED, { topology: { siteLabel: ZONE, sites: THREE_SITES } })),
      [],
    );
    assertTold(refusals(site(stated({ spread: "nodes" }), NODES_ONLY)), []);
  });
});
