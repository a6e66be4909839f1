import type { PointMember, RecordState } from "../../planning/pointRecord";
import type { ReportInput } from "./input";
import {
  badge,
  type Content,
  type Markup,
  markup,
  section,
  table,
  type Tone,
  moment,
} from "./markup";
import { type MemberView, type PointView, pointViews } from "./pointViews";

const stateTones: Readonly<Record<RecordState, Tone>> = {
  planned: "calm",
  taking: "warn",
  ready: "good",
  failed: "bad",
  lost: "bad",
  expiring: "warn",
  expired: "calm",
};

const kindTitles: readonly (readonly [PointMember["kind"], string])[] = [
  ["volume", "Volumes"],
  ["virtualMachine", "VMs"],
  ["etcd", "etcd"],
];

/** Restore points with their members, age and end. */
export function pointSection(input: ReportInput): Markup {
  const views = pointViews(input);
  const depth = input.plan.site.virtualMachines;
  return section(
    "restore-points",
    "Restore points",
    input.points === undefined
      ? markup`<p>The catalog was not read: what follows is what the point files say, which know VM snapshots alone. <code>./atom restore-point list</code> lists every point.</p>`
      : undefined,
    views.length === 0
      ? markup`<p>There is no restore point.</p>`
      : table(
          "Restore points",
          ["Point", "State", "Release", "Taken", "Proven", "Ends", "Members"],
          views.map((view) => ({
            mark: "point",
            kind: view.lost ? "bad" : view.overdue ? "warn" : "",
            cells: cellsOf(view),
          })),
          "points names",
        ),
    depth === undefined
      ? undefined
      : markup`<p>At most ${depth.maxDepth} snapshots of one VM, none older than ${depth.maxAgeHours} hours: chains grow, slow their VM down and fill the datastore.</p>`,
    markup`<p class="note">A restore point leads back to an earlier state and is no backup: it is lost with the storage that holds it.</p>`,
  );
}

function cellsOf(view: PointView): readonly Content[] {
  const { name, state, lost, release, takenAt, age, proven, ends, overdue, hold } = view;
  return [
    name,
    lost ? [badge("bad", "lost"), ` recorded as ${state}`] : badge(stateTones[state], state),
    release,
    takenAt === undefined
      ? "not taken"
      : [moment(takenAt), age === undefined ? "" : ` (${age} ago)`],
    proven === undefined ? "never" : moment(proven),
    [
      moment(ends),
      ...(overdue ? [" ", badge("warn", "overdue")] : []),
      ...(hold ? [" ", badge("calm", "held")] : []),
    ],
    memberLists(view),
  ];
}

function memberLists({ members }: PointView): Content {
  if (members.length === 0) {
    return "none";
  }
  return kindTitles.flatMap(([kind, title]) => {
    const own = members.filter((member) => member.kind === kind);
    return own.length === 0
      ? []
      : markup`<p>${title}</p><ul class="members">${own.map(memberItem)}</ul>`;
  });
}

function memberItem({ subject, handle, tone, words }: MemberView): Markup {
  const seen = tone === "calm" ? markup`<span class="muted">${words}</span>` : badge(tone, words);
  const known = handle === undefined ? undefined : markup` <code>${handle}</code>`;
  return markup`<li data-member="${subject}">${subject} ${seen}${known}</li>`;
}
