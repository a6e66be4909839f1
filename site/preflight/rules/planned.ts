import { backendOf } from "../../../planning";
import type { SitePlan } from "../../../planning/plan";
import { finding, type Finding } from "../finding";

// What only the plan of a site says.

/** By default Longhorn lets all copies of a volume share a zone. */
export function judgeZoneSpread({ site, topology, classes }: SitePlan): Finding[] {
  const hard =
    site.backend === "longhorn" &&
    topology.spread === "sites" &&
    !backendOf(site.backend).soft(site.backendOptions);
  return classes
    .filter(({ parameters }) => hard && parameters["replicaZoneSoftAntiAffinity"] !== "disabled")
    .map(({ spec }) =>
      finding("zone-spread", `StorageClass ${spec.name}`, [
        "error",
        "replicaZoneSoftAntiAffinity is not disabled: all copies of a volume may stand in one site.",
      ]),
    );
}

/** What `retention` keeps of each volume at once has to leave room for the next snapshot. */
export function judgeSnapshotLimit({ site, snapshotClass }: SitePlan): Finding[] {
  const most = backendOf(site.backend).limits.snapshotsPerVolume;
  if (most === undefined || snapshotClass === undefined) {
    return [];
  }
  const { keepLast = 0, daily = 0, weekly = 0, monthly = 0 } = site.retention;
  const counts = [keepLast, daily, weekly, monthly];
  // One point may be kept by several rules.
  const [least, greatest] = [Math.max(...counts), counts.reduce((sum, count) => sum + count, 0)];
  const told = (kept: string): string =>
    `It keeps ${kept} of each volume, and the driver takes no more than ${most}: the next restore point would fail.`;
  return greatest < most
    ? []
    : [
        finding("snapshot-limit", "retention", [
          least < most ? "warning" : "error",
          told(least < most ? `up to ${greatest} snapshots` : `${least} snapshots or more`),
        ]),
      ];
}
