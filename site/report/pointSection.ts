import type { ReportInput } from "./input";
import { badge, type Content, type Markup, markup, section, table, type Tone } from "./markup";
import { type PointView, pointViews } from "./pointViews";
import { moment } from "./time";
import type { PointState } from "../../planning/site";

const stateTones: Readonly<Record<PointState, Tone>> = {
  planned: "calm",
  taking: "warn",
  ready: "good",
  expiring: "warn",
};

/** Restore points with their members, age and end. */
export function pointSection(input: ReportInput): Markup {
  const views = pointViews(input);
  const depth = input.plan.site.virtualMachines;
  return section(
    "restore-points",
    "Restore points",
    views.length === 0
      ? markup`<p>No restore point has VM snapshots. Points of volumes alone are listed by <code>./atom restore-point list</code>.</p>
`
      : table(
          "Restore points with VM snapshots",
          ["Point", "State", "Release", "Taken", "Ends", "VM snapshots"],
          views.map((view) => ({
            mark: "point",
            kind: rowKind(view),
            cells: [
              view.name,
              stateCell(view),
              view.release,
              takeCell(view),
              endCell(view),
              memberList(view),
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

function endCell({ ends, overdue, expires }: PointView): Content {
  if (ends === undefined) {
    return expires ?? "no end known";
  }
  return overdue ? [moment(ends), " ", badge("warn", "overdue")] : moment(ends);
}

function memberList({ members }: PointView): Content {
  return members.length === 0
    ? "none"
    : markup`<ul class="members">${members.map(
        ({ subject, handle, tone, words }) =>
          markup`<li data-member="${subject}">${subject} ${tone === "calm" ? markup`<span class="muted">${words}</span>` : badge(tone, words)}${handle === undefined ? undefined : markup` <code>${handle}</code>`}</li>`,
      )}</ul>`;
}
