import { backendOf } from "../backends/registry";
import { brokenRules, type Problem, type Rule } from "../problem";
import type { Site } from "../site";
import { nextTimes, REFERENCE, takesVolumes, windowTimes } from "../windows";
import { counted } from "../words";

const DAY_MS = 86_400_000;

/** What is wrong with the cycles against the windows, the VMs and the backend. */
export function scheduleProblems(site: Site): readonly Problem[] {
  const names = site.windows.map(({ name }) => name);
  return brokenRules(site, [
    ...site.schedules.flatMap(({ window, takes, consistency }, index): readonly Rule[] => [
      [
        window !== "" && !names.includes(window),
        `schedules[${index}].window`,
        "is no window of the key windows",
        names.join(", ") || "the name of a window; there is none yet",
        { candidates: names },
      ],
      [
        takes !== "volumes" && site.virtualMachines === undefined,
        `schedules[${index}].takes`,
        "asks for VMs, and no vCenter is described",
        "volumes, or virtualMachines in the stack file",
      ],
      [
        takes === "images" && site.nodeBackups.images?.datastore === undefined,
        `schedules[${index}].takes`,
        "asks for images of the node VMs, and it is not said where to",
        "the name of a datastore in nodeBackups.images.datastore",
      ],
      [
        !takesVolumes({ takes }) && consistency !== undefined && consistency !== "crash",
        `schedules[${index}].consistency`,
        "is about the product's volumes, and none is taken",
        "crash, or takes: both",
      ],
    ]),
    budgetRule(site),
  ]);
}

/** All cycles, and the snapshot that Velero reads from, share what the storage keeps of each volume. */
function budgetRule(site: Site): Rule {
  const limit = backendOf(site.backend).limits.snapshotsPerVolume ?? Number.POSITIVE_INFINITY;
  const kept = site.schedules.map((schedule) => keptAtOnce(site, schedule, limit));
  const velero = site.nodeBackups.velero === undefined ? 0 : 1;
  const sum = kept.reduce((all, count) => all + count, velero);
  const most = kept.indexOf(Math.max(...kept));
  return [
    sum > limit,
    `schedules[${most}].keepDays`,
    `the cycles together${velero === 0 ? "" : " with Velero"} keep ${sum} snapshots of each volume or more, and ${site.backend} keeps ${counted(limit, "snapshot")}`,
    "fewer days, a window that comes less often, or fewer cycles",
  ];
}

function keptAtOnce(
  { windows }: Site,
  { window: name, takes, keepDays }: Site["schedules"][number],
  limit: number,
): number {
  const window = windows.find((one) => one.name === name);
  if (
    !takesVolumes({ takes }) ||
    window === undefined ||
    // What stands for a wrong value says nothing.
    window.cron === "" ||
    window.timeZone === "" ||
    limit === Number.POSITIVE_INFINITY
  ) {
    return 0;
  }
  const always = { ...window, blackout: [] };
  const [first] = nextTimes(always, REFERENCE, 1);
  if (first === undefined) {
    return 0;
  }
  // One that comes every minute need not be counted to its end.
  const until = new Date(first.start.getTime() + keepDays * DAY_MS);
  const times = windowTimes(always, first.start, until);
  let count = 0;
  while (count <= limit && times.next().done !== true) {
    count += 1;
  }
  return count;
}
