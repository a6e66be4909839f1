import { isPromised } from "../../planning";
import type { SitePlan } from "../../planning/plan";
import { isLiving } from "../../planning/pointMembers";
import type { PointMember } from "../../planning/pointRecord";
import { badge, type Markup, markup, section, sentence, table, type Tone } from "./markup";
import type { ReportInput } from "./input";
import { liveState } from "./headline";
import { knownRecords } from "./pointViews";

/** How far a requirement of the product's backup-and-recovery guide is met by what this page can show. */
export interface RequirementView {
  readonly id: string;
  readonly text: string;
  readonly state: "shown" | "declared" | "notYet" | "notPromised";
  readonly how: string;
}

const stateWords: Readonly<Record<RequirementView["state"], readonly [Tone, string]>> = {
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
    markup`<p>What the guide asks of every site. “Shown here” means that a table above shows it; “declared” that it is in the declaration, but nothing measured it for this page; “not yet” that this version has no part that does it.</p>
`,
    table(
      "Requirements and where they are shown",
      ["Id", "Requirement", "State", "How"],
      requirements(input).map(({ id, text, state, how }) => {
        const [tone, words] = stateWords[state];
        return { mark: id, cells: [id, text, badge(tone, words), how] };
      }),
    ),
  );
}

export function requirements(input: ReportInput): readonly RequirementView[] {
  const { plan } = input;
  return [
    {
      id: "R1",
      text: "Data volumes have synchronous copies",
      state: "declared",
      how: `The classes declare ${plan.site.replicationFactor} copies by ${plan.classes[0]?.provisioner ?? "no driver"}. That an acknowledged write is on every copy is the driver's guarantee and was not measured here.`,
    },
    {
      id: "R2",
      text: "The number of copies is 2 unless set otherwise at installation, and can be raised",
      state: "shown",
      how: `${plan.site.replicationFactor} copies: see the parameters of the classes.`,
    },
    {
      id: "R3",
      text: "Copies are on different nodes",
      state: "declared",
      how: "By the placement in the class's parameters; which nodes hold each live volume is not read by this version.",
    },
    siteSpread(plan),
    survived(plan, "R5", "A worker node's failure leaves ATOM available", "node"),
    siteLoss(plan),
    failover(plan),
    ...pointRequirements(input),
    {
      id: "R16",
      text: "Declared per site with Pulumi components, with previews that show drift",
      state: "shown",
      how:
        liveState(input.drift) === "notRead"
          ? "This page is made from that declaration; live systems were not read for it."
          : "This page compares that declaration with what is live.",
    },
  ];
}

function siteSpread({ topology }: SitePlan): RequirementView {
  const id = "R4";
  const text = "Where the cluster spans sites, copies are on different sites";
  return topology.spread === "sites"
    ? {
        id,
        text,
        state: "declared",
        how: `At most ${topology.maxPerSite} of a volume's copies in one site.`,
      }
    : { id, text, state: "notPromised", how: "One data site: copies are spread over nodes only." };
}

function survived(
  plan: SitePlan,
  id: string,
  text: string,
  kind: "node" | "site",
): RequirementView {
  const verdicts = plan.survival.verdicts.filter(({ loss }) => loss.kind === kind);
  const failing = verdicts.filter(({ survived: kept }) => !kept);
  return failing.length === 0 && verdicts.length > 0
    ? {
        id,
        text,
        state: "shown",
        how: `The loss of each of ${verdicts.length} ${kind}s is survived.`,
      }
    : {
        id,
        text,
        state: "notPromised",
        how:
          verdicts.length === 0
            ? `No loss of a ${kind} was looked at.`
            : `${failing.length} of ${verdicts.length} ${kind} losses are not survived.`,
      };
}

function siteLoss(plan: SitePlan): RequirementView {
  const id = "R6";
  const text = "A site's failure leaves ATOM available where there are three sites or more";
  return plan.survival.promised === "site"
    ? survived(plan, id, text, "site")
    : {
        id,
        text,
        state: "notPromised",
        how:
          plan.topology.independentSites < 3
            ? `${plan.topology.independentSites} independent ${plan.topology.independentSites === 1 ? "site" : "sites"}: nothing of the kind is promised.`
            : "The stack file asks to survive the loss of a node only.",
      };
}

function failover({ failover: plan, survival }: SitePlan): RequirementView {
  const id = "R7";
  const text = "Fail-over is automatic; nobody has to do anything for it";
  const promised = survival.verdicts.filter(({ loss }) => isPromised(loss, survival.promised));
  return plan.mode === "automatic" && promised.every(({ unattended }) => unattended)
    ? { id, text, state: "declared", how: sentence(plan.mechanism) }
    : {
        id,
        text,
        state: "notPromised",
        how:
          plan.mode === "manual"
            ? sentence(`by hand here: ${plan.why}`)
            : "Not for every promised loss.",
      };
}

function pointRequirements(input: ReportInput): readonly RequirementView[] {
  const vms = input.plan.restorePoints.flatMap(({ virtualMachines }) => virtualMachines);
  const living = knownRecords(input).flatMap(({ members }) => members.filter(isLiving));
  const count = (kind: PointMember["kind"]): number =>
    living.filter((member) => member.kind === kind).length;
  const [volumes, taken] = [count("volume"), count("virtualMachine")];
  return [
    {
      id: "R8",
      text: "Data volumes are snapshotted around an upgrade",
      state: volumes > 0 ? "shown" : "declared",
      how:
        volumes > 0
          ? `${volumes} volume snapshots are recorded: see the restore points.`
          : "The snapshot class is declared, and ./atom restore-point create takes every data volume; this page knows of no volume snapshot.",
    },
    {
      id: "R9",
      text: "The state before an upgrade can be brought back",
      state: "notYet",
      how: "There is no rollback command in this version.",
    },
    {
      id: "R10",
      text: "Replication is not a backup",
      state: "shown",
      how: "Copies of a volume and snapshots in the cluster are not counted as backup anywhere on this page.",
    },
    {
      id: "R11",
      text: "The whole cluster is backed up on node level in addition",
      state: "notYet",
      how: "Take etcd snapshots and node images with your own tools.",
    },
    {
      id: "R12",
      text: "Snapshots of the node VMs back the application up at one point in time",
      state: taken > 0 ? "shown" : vms.length > 0 ? "declared" : "notYet",
      how:
        taken > 0
          ? `${taken} VM snapshots are recorded: see the restore points.`
          : vms.length > 0
            ? `${vms.length} VM snapshots are declared, none is recorded as taken.`
            : "No restore point of this site has a VM snapshot.",
    },
    {
      id: "R13",
      text: "They serve a fast way back during patching and upgrades",
      state: "notYet",
      how: "Snapshots are taken and their end is shown; this version has no command that goes back to them.",
    },
    {
      id: "R14",
      text: "Together with copies off the datastore they serve disaster recovery",
      state: "notYet",
      how: "A snapshot is lost with its datastore; copies off it are not made by this version.",
    },
    {
      id: "R15",
      text: "VM snapshots follow upgrade windows or backup cycles",
      state: "notYet",
      how: "There are no windows and schedules in this version; points are taken when their file says so.",
    },
  ];
}
