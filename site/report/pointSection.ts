import type { ReportInput } from "./input";
import { badge, type Content, type Markup, markup, section, table, type Tone } from "./markup";
import { type PointView, pointViews } from "./pointViews";
import { moment } from "./time";
import type { PointMember, RecordState } from "../../planning/pointRecord";

const stateTones: Readonly<Record<RecordState, Tone>> = {
  planned: "calm",
  taking: "warn",
  ready: "good",
  failed: "bad",
  lost: "bad",
  expiring: "warn",
  expired: "calm",
};

const kindTitles: Readonly<Record<PointMember["kind"], string>> = {
  volume: "Volumes",
  virtualMachine: "VMs",
  etcd: "etcd",
};

/** Restore points with their members, age and end. */
export function pointSection(input: ReportInput): Markup {
  const views = pointViews(input);
  const depth = input.plan.site.virtualMachines;
  return section(
    "restore-points",
    "Restore points",
    input.points === undefined
      ? markup`<p>The catalog was not read: what follows is what the point files say, which know VM snapshots alone. <code>./atom restore-point list</code> lists every point.</p>
`
      : undefined,
    views.length === 0
      ? markup`<p>There is no restore point.</p>
`
      : table(
          "Restore points",
          ["Point", "State", "Release", "Taken", "Proven", "Ends", "Members"],
          views.map((view) => ({
            mark: "point",
            kind: rowKind(view),
            cells: [
              view.name,
              stateCell(view),
              view.release,
              takeCell(view),
              view.proven === undefined ? "never" : moment(view.proven),
              endCell(view),
              memberLists(view),
            ],
          })),
          "points names",
        ),
    depth === undefined
      ? undefined
      : markup`<p>At most ${depth.maxDepth} snapshots of one VM, none older than ${depth.maxAgeHours} hours: chains grow, slow their VM down and fill the datastore.</p>
`,
    markup`<p class="note">A restore point leads back to an earlier state and is no backup: it is lost with the storage that holds it.</p>
`,
  );
}

function rowKind({ lost, overdue }: PointView): string {
  return lost ? "bad" : overdue ? "warn" : "";
}

function stateCell({ state, lost }: PointView): Content {
  return lost ? [badge("bad", "lost"), ` recorded as ${state}`] : badge(stateTones[state], state);
}

function takeCell({ takenAt, age }: PointView): Content {
  return takenAt === undefined
    ? "not taken"
    : [moment(takenAt), age === undefined ? "" : ` (${age} ago)`];
}

function endCell({ ends, overdue, hold }: PointView): Content {
  return [
    moment(ends),
    ...(overdue ? [" ", badge("warn", "overdue")] : []),
    ...(hold ? [" ", badge("calm", "held")] : []),
  ];
}

function memberLists({ members }: PointView): Content {
  const kinds = (Object.keys(kindTitles) as PointMember["kind"][]).filter((kind) =>
    members.some((member) => member.kind === kind),
  );
  return kinds.length === 0
    ? "none"
    : kinds.map(
        (kind) =>
          markup`<p>${kindTitles[kind]}</p><ul class="members">${members
            .filter((member) => member.kind === kind)
            .map(
              ({ subject, handle, tone, words }) =>
                markup`<li data-member="${subject}">${subject} ${tone === "calm" ? markup`<span class="muted">${words}</span>` : badge(tone, words)}${handle === undefined ? undefined : markup` <code>${handle}</code>`}</li>`,
            )}</ul>`,
      );
}
