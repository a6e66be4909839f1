import { isPromised } from "../../planning";
import type { SitePlan } from "../../planning/plan";
import { isLiving } from "../../planning/pointMembers";
import type { PointMember } from "../../planning/pointRecord";
import { takesVms } from "../../planning/windows";
import { counted, listed } from "../../planning/words";
import { badge, type Markup, markup, section, sentence, table, type Tone } from "./markup";
import type { ReportInput } from "./input";
import { liveState } from "./headline";
import { knownRecords } from "./pointViews";

type State = "shown" | "declared" | "notYet" | "notPromised";

/** How far a requirement of the product's backup-and-recovery guide is met by what this page can show, and how. */
type Met = readonly [state: State, how: string];

const stateWords: Readonly<Record<State, readonly [Tone, string]>> = {
  shown: ["good", "shown here"],
  declared: ["calm", "declared, not measured"],
  notYet: ["warn", "not yet"],
  notPromised: ["warn", "not promised"],
};

/** Which requirement is shown where, and which are not. */
export function requirementSection(input: ReportInput): Markup {
  return section(
    "requirements",
    "Requirements",
    markup`<p>What the guide asks of every site. “Shown here” means that a table above shows it; “declared” that it is in the declaration, but nothing measured it for this page; “not yet” that this version has no part that does it.</p>`,
    table(
      "Requirements and where they are shown",
      ["Id", "Requirement", "State", "How"],
      requirements(input).map(([text, state, how], index) => {
        const id = `R${index + 1}`;
        return { mark: id, cells: [id, text, badge(...stateWords[state]), how] };
      }),
    ),
  );
}

/** In the order of their ids, from R1. */
function requirements(input: ReportInput): readonly (readonly [text: string, ...met: Met])[] {
  const { plan } = input;
  const { replicationFactor } = plan.site;
  const live = liveState(input.drift) !== "notRead";
  return [
    [
      "Data volumes have synchronous copies",
      "declared",
      `The classes declare ${replicationFactor} copies by ${plan.classes[0]?.provisioner ?? "no driver"}. That an acknowledged write is on every copy is the driver's guarantee and was not measured here.`,
    ],
    [
      "The number of copies is 2 unless set otherwise at installation, and can be raised",
      "shown",
      `${replicationFactor} copies: see the parameters of the classes.`,
    ],
    [
      "Copies are on different nodes",
      "declared",
      "By the placement in the class's parameters; which nodes hold each live volume the table of copies says, as far as the backend is asked.",
    ],
    ["Where the cluster spans sites, copies are on different sites", ...siteSpread(plan)],
    ["A worker node's failure leaves ATOM available", ...survived(plan, "node")],
    [
      "A site's failure leaves ATOM available where there are three sites or more",
      ...siteLoss(plan),
    ],
    ["Fail-over is automatic; nobody has to do anything for it", ...failover(plan)],
    ["Data volumes are snapshotted around an upgrade", ...volumeSnapshots(input)],
    [
      "The state before an upgrade can be brought back",
      "declared",
      "./atom rollback goes back to a restore point, ./atom upgrade abort to that of an upgrade; which point was proven by a restore, and when, the restore points say.",
    ],
    [
      "Replication is not a backup",
      "shown",
      "Copies of a volume and snapshots in the cluster are not counted as backup anywhere on this page.",
    ],
    ["The whole cluster is backed up on node level in addition", ...nodeBackups(plan)],
    [
      "Snapshots of the node VMs back the application up at one point in time",
      ...vmSnapshots(input),
    ],
    ["They serve a fast way back during patching and upgrades", ...revert(plan)],
    ["Together with copies off the datastore they serve disaster recovery", ...offDatastore(plan)],
    ["VM snapshots follow upgrade windows or backup cycles", ...cycles(plan)],
    [
      "Declared per site with Pulumi components, with previews that show drift",
      "shown",
      live
        ? "This page compares that declaration with what is live."
        : "This page is made from that declaration; live systems were not read for it.",
    ],
  ];
}

function nodeBackups({ site }: SitePlan): Met {
  const { controlPlane, velero, images } = site.nodeBackups;
  const own = [
    ...(controlPlane === undefined ? ["etcd and the control plane's keys"] : []),
    ...(velero === undefined ? ["copies of the volumes' data"] : []),
    ...(images === undefined ? ["node images"] : []),
  ];
  const declared = [
    ...(controlPlane === undefined
      ? []
      : [
          `etcd and the control plane's keys go to ${controlPlane.offCluster} at ${controlPlane.cron} (${controlPlane.timeZone}), encrypted.`,
        ]),
    ...(velero === undefined
      ? []
      : [
          `Velero moves the product's objects and the volumes' data to bucket ${velero.bucket} at ${velero.cron} (${velero.timeZone}).`,
        ]),
  ];
  if (images !== undefined) {
    declared.push(
      `A tool of yours makes images of the node VMs; drift tells when attribute ${images.attribute} is older than ${counted(images.maxAgeDays, "day")}.`,
    );
  }
  return [
    declared.length === 0 ? "notPromised" : "declared",
    [...declared, ...(own.length === 0 ? [] : [`Take ${listed(own)} with your own tools.`])].join(
      " ",
    ),
  ];
}

function offDatastore({ site: { nodeBackups } }: SitePlan): Met {
  const lost = "A snapshot is lost with its datastore";
  return nodeBackups.velero === undefined && nodeBackups.images === undefined
    ? ["notPromised", `${lost}, and neither nodeBackups.velero nor nodeBackups.images is set.`]
    : ["declared", `${lost}; what is copied off it stands with the backups of the whole cluster.`];
}

function revert({ site }: SitePlan): Met {
  return site.virtualMachines === undefined
    ? ["notPromised", "No VMs are described."]
    : ["declared", "./atom rollback --vms reverts all VMs of a point together and compares them."];
}

function cycles({ site: { schedules } }: SitePlan): Met {
  const withVms = schedules.filter(takesVms);
  return withVms.length === 0
    ? ["notPromised", "No cycle of `schedules` takes VMs; points with VMs are taken by hand."]
    : [
        "declared",
        `./atom schedule run --due takes them: ${listed(withVms.map(({ name, window }) => `${name} in window ${window}`))}.`,
      ];
}

function siteSpread({ topology }: SitePlan): Met {
  return topology.spread === "sites"
    ? ["declared", `At most ${topology.maxPerSite} of a volume's copies in one site.`]
    : ["notPromised", "One data site: copies are spread over nodes only."];
}

function survived(plan: SitePlan, kind: "node" | "site"): Met {
  const verdicts = plan.survival.verdicts.filter(({ loss }) => loss.kind === kind);
  const failing = verdicts.filter(({ survived: kept }) => !kept).length;
  if (verdicts.length === 0) {
    return ["notPromised", `No loss of a ${kind} was looked at.`];
  }
  return failing === 0
    ? ["shown", `The loss of each of ${verdicts.length} ${kind}s is survived.`]
    : ["notPromised", `${failing} of ${verdicts.length} ${kind} losses are not survived.`];
}

function siteLoss(plan: SitePlan): Met {
  const { independentSites } = plan.topology;
  if (plan.survival.promised === "site") {
    return survived(plan, "site");
  }
  return [
    "notPromised",
    independentSites < 3
      ? `${counted(independentSites, "independent site")}: nothing of the kind is promised.`
      : "The stack file asks to survive the loss of a node only.",
  ];
}

function failover({ failover: plan, survival }: SitePlan): Met {
  if (plan.mode === "manual") {
    return ["notPromised", sentence(`by hand here: ${plan.why}`)];
  }
  const promised = survival.verdicts.filter(({ loss }) => isPromised(loss, survival.promised));
  return promised.every(({ unattended }) => unattended)
    ? ["declared", sentence(plan.mechanism)]
    : ["notPromised", "Not for every promised loss."];
}

function recorded(input: ReportInput, kind: PointMember["kind"]): number {
  return knownRecords(input)
    .flatMap(({ members }) => members.filter(isLiving))
    .filter((member) => member.kind === kind).length;
}

function volumeSnapshots(input: ReportInput): Met {
  const volumes = recorded(input, "volume");
  if (input.plan.snapshotClass === undefined) {
    return ["notPromised", "The driver has no snapshots."];
  }
  return volumes > 0
    ? ["shown", `${volumes} volume snapshots are recorded: see the restore points.`]
    : [
        "declared",
        "The snapshot class is declared, and ./atom restore-point create takes every data volume; this page knows of no volume snapshot.",
      ];
}

function vmSnapshots(input: ReportInput): Met {
  const taken = recorded(input, "virtualMachine");
  const vms = input.plan.restorePoints.flatMap(({ virtualMachines }) => virtualMachines).length;
  if (taken > 0) {
    return ["shown", `${taken} VM snapshots are recorded: see the restore points.`];
  }
  return vms > 0
    ? ["declared", `${vms} VM snapshots are declared, none is recorded as taken.`]
    : ["notYet", "No restore point of this site has a VM snapshot."];
}
