import type { Rule } from "../problem";
import type { BackendId, Site } from "../site";

/**
 * Whether the installed version is the wanted one or newer. Undefined means the newest known, so it is. A release
 * candidate counts as its release: its interface is the same.
 */
export function isAtLeast(installed: string | undefined, wanted: string): boolean {
  if (installed === undefined) {
    return true;
  }
  const have = numbers(installed);
  const need = numbers(wanted);
  for (let part = 0; part < Math.max(have.length, need.length); part += 1) {
    const difference = (have[part] ?? 0) - (need[part] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.replace(/^v/, "").split(/[-+]/)[0] ?? "").split(".").map(Number);
}

/** Whose version `backendVersion` is, and the numbers that other components of the same product carry. */
interface VersionOf {
  /** E.g. `LINSTOR's`. */
  readonly whose: string;
  /** Where it is shown. */
  readonly look: string;
  /** Others' numbers by how they begin; the first that fits counts. */
  readonly others: readonly (readonly [number: RegExp, whose: string])[];
}

const VERSION_OF: Partial<Readonly<Record<BackendId, VersionOf>>> = {
  linstor: {
    whose: "LINSTOR's",
    look: "linstor controller version",
    others: [
      [/^2\./, "the Piraeus operator's"],
      [/^(8|9)\./, "DRBD's"],
      [/^(0\.|1\.(\d|1[0-3])(\.|-|$))/, "linstor-csi's"],
    ],
  },
  longhorn: {
    whose: "Longhorn's",
    look: "the image tag of the DaemonSet longhorn-manager",
    others: [[/^\d{3,}\./, "the chart's"]],
  },
  mayastor: {
    whose: "Mayastor's",
    look: "the image tag of the DaemonSet openebs-io-engine",
    others: [[/^[34]\./, "OpenEBS's"]],
  },
  portworx: {
    whose: "Portworx Enterprise's",
    look: "pxctl --version",
    others: [[/^(1\d|2\d)\./, "the operator's"]],
  },
  "rook-ceph": {
    whose: "Rook's",
    look: "the image tag of the Deployment rook-ceph-operator",
    others: [
      [/^1[4-9]\.|^2\d\./, "Ceph's"],
      [/^3\./, "ceph-csi's"],
      [/^4\./, "OpenShift Data Foundation's"],
    ],
  },
  "vsphere-csi": {
    whose: "the vSphere CSI driver's",
    look: "the image tag of the Deployment vsphere-csi-controller",
    others: [
      [/^[6-9]\./, "vSphere's"],
      [/^1\.[2-9]\d/, "Kubernetes'"],
    ],
  },
};

/** Whose version is asked for and where it is shown, in words; undefined where none is asked for. */
export function versionWords(backend: BackendId): string | undefined {
  const known = VERSION_OF[backend];
  return known && `${known.whose} own, as shown by ${known.look}`;
}

/** A number of another component, which would pass for new enough or be refused as too old. */
export function versionRule({ backend, backendVersion = "" }: Site): Rule {
  const { others = [] } = VERSION_OF[backend] ?? {};
  const [, whose = ""] = others.find(([number]) => number.test(backendVersion)) ?? [];
  return [
    whose !== "",
    "backendVersion",
    `this is ${whose} number, and not the version that is asked for`,
    versionWords(backend) ?? "",
  ];
}
