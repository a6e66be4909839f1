import assert from "node:assert/strict";
import { backendOf, planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { refusals } from "../support/refusals";
import { classSpec, dataSite, siteOf, THREE_SITES, witnessSite, ZONE } from "../support/sites";

const STATED: Site["backendOptions"] = {
  provisioner: "csi.example.com",
  replicaKey: "copies",
  spread: "sites",
  survives: ["node", "site"],
  snapshots: true,
  failoverMechanism: "the array's own agent",
};

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
    assert.deepEqual(plan.snapshotClass, {
      name: "atom-snapshots",
      driver: "csi.example.com",
      deletionPolicy: "Retain",
      parameters: {},
    });
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

  it("needs the stated driver in the cluster", () => {
    const planned = site();
    const [check] =
      backendOf("generic")?.clusterChecks({
        site: planned,
        topology: planSite(planned).topology,
      }) ?? [];
    assert.deepEqual(check, {
      id: "driver",
      title: "the CSI driver csi.example.com is installed",
      requires: { kind: "csiDriver", name: "csi.example.com" },
      severity: "error",
      remedy: "install the driver, or correct backendOptions.provisioner",
    });
  });
});

describe("an unknown driver is refused", () => {
  const NODES_ONLY: Partial<Site> = {
    survive: "node",
    topology: { siteLabel: ZONE, sites: [dataSite("a", 3)] },
  };
  const cases: readonly (readonly [string, Site, readonly string[]])[] = [
    [
      "without a word about it",
      site({}, { failover: "manual" }),
      [
        "backendOptions.provisioner: the backend generic needs this option: name of the CSI driver. Allowed: a text.",
        "backendOptions.snapshots: the backend generic needs this option: true: the driver has CSI snapshots; restore points need them. Allowed: true or false.",
        "replicationFactor = 2: nothing is stated that makes this driver keep 2 copies. " +
          "Allowed: backendOptions.replicaKey (the class parameter with the number), or arrayReplicates: true with copies.",
        "backendOptions.spread: the cluster spans 3 data sites, and nothing is stated that keeps the copies on different ones. Allowed: sites.",
      ],
    ],
    [
      "with copies from two sources",
      site(stated({ arrayReplicates: true })),
      [
        "backendOptions.arrayReplicates = true: either the class names the copies (replicaKey) or the array keeps them, not both. " +
          "Allowed: one of replicaKey and arrayReplicates.",
      ],
    ],
    [
      "with an array whose copies are not stated",
      site(stated({ replicaKey: undefined, arrayReplicates: true })),
      [
        "backendOptions.copies: with arrayReplicates the number of copies that the array keeps has to be stated. Allowed: 2.",
      ],
    ],
    [
      "with an array that keeps another number",
      site(stated({ replicaKey: undefined, arrayReplicates: true, copies: 3 })),
      [
        "backendOptions.copies = 3: the array keeps other than replicationFactor copies (2). Allowed: 2.",
      ],
    ],
    [
      "with a spread over nodes where the cluster spans sites",
      site(stated({ spread: "nodes" })),
      [
        'backendOptions.spread = "nodes": the cluster spans 3 data sites, and nothing is stated that keeps the copies on different ones. Allowed: sites.',
      ],
    ],
    [
      "without a spread over nodes",
      site(stated({ spread: undefined }), NODES_ONLY),
      [
        "backendOptions.spread: nothing is stated that keeps the copies on different nodes. Allowed: nodes or sites.",
      ],
    ],
    [
      "without snapshots",
      site(stated({ snapshots: false })),
      [
        "backendOptions.snapshots = false: without CSI snapshots there is no way back to the state before an upgrade. " +
          "Allowed: true, with a driver that has them.",
      ],
    ],
    [
      "with parameters that are none, or that are set already",
      site(stated({ parameters: ["pool", "copies=3"] }), {
        classes: [classSpec({ options: { parameters: ["csi.storage.k8s.io/fstype=xfs"] } })],
      }),
      [
        'backendOptions.parameters[0] = "pool": a class parameter is written as key=value. Allowed: key=value.',
        'backendOptions.parameters[1] = "copies=3": copies is set from its own key, and two values would contradict each other. ' +
          "Allowed: replicationFactor for the copies, classes[].fsType for the file system.",
        'classes[0].options.parameters[0] = "csi.storage.k8s.io/fstype=xfs": csi.storage.k8s.io/fstype is set from its own key, and two values would contradict each other. ' +
          "Allowed: replicationFactor for the copies, classes[].fsType for the file system.",
      ],
    ],
    [
      "with encryption",
      site(STATED, { classes: [classSpec({ encryption: true })] }),
      [
        "classes[0].encryption = true: nothing is known of this driver's encryption (its keys go into backendOptions.parameters), so the volumes of class atom-replicated would not be encrypted. " +
          "Allowed: false.",
      ],
    ],
    [
      "with automatic fail-over and no mechanism",
      site(stated({ failoverMechanism: undefined })),
      [
        'failover = "automatic": nothing is stated that moves a workload from a lost node. ' +
          "Allowed: manual, or backendOptions.failoverMechanism with what does.",
      ],
    ],
    [
      "with a promise that nobody stated",
      site(stated({ survives: ["node"] })),
      [
        'survive = "site": site a is lost: what the storage does after the loss of a site is not stated (backendOptions.survives); ' +
          "2 of 3 control-plane nodes stay (2 needed) (and 2 more cases like it). " +
          "Allowed: node; other sites or nodes.",
      ],
    ],
    [
      "with a promise about a witness that nobody stated",
      site(STATED, {
        topology: {
          siteLabel: ZONE,
          sites: [dataSite("a", 2), dataSite("b", 2), witnessSite("w", 0)],
        },
      }),
      [
        'survive = "site": witness w is lost: what the storage does after the loss of a witness is not stated (backendOptions.survives). ' +
          "Allowed: node; other sites or nodes.",
      ],
    ],
  ];
  for (const [title, planned, expected] of cases) {
    it(title, () => {
      assert.deepEqual(refusals(planned), expected);
    });
  }

  it("and accepted where everything is stated", () => {
    assert.deepEqual(refusals(site()), []);
    assert.deepEqual(
      refusals(site(STATED, { topology: { siteLabel: ZONE, sites: THREE_SITES } })),
      [],
    );
    assert.deepEqual(refusals(site(stated({ spread: "nodes" }), NODES_ONLY)), []);
  });
});
