import type { Problem } from "../problem";
import type { Site } from "../site";
import { listed, shown } from "../words";
import { encryptionRefusals, fsTypeProblems } from "./common";
import { listOption, textOption } from "./options";
import { isBlock } from "./rookCephOptions";

/** Rule of XFS on nodes that hold copies too: `{rule: ceph-xfs, subject: "classes[0].fsType"}`. */
export const CEPH_XFS = "ceph-xfs";

/** Features that the driver takes only with others. */
const NEEDED_FEATURES: Readonly<Record<string, string>> = {
  "object-map": "exclusive-lock",
  "fast-diff": "object-map",
};

/** What the drivers do not make of a volume, whatever the layout. */
export function checkCephVolumes(site: Site): readonly Problem[] {
  return [
    ...kindProblems(site),
    ...featureProblems(site),
    ...encryptionProblems(site),
    ...fileSystemProblems(site),
  ];
}

function featureProblems(site: Site): readonly Problem[] {
  const features = listOption(site.backendOptions, "imageFeatures");
  const missing = features.flatMap((feature) => {
    const needed = NEEDED_FEATURES[feature];
    return needed === undefined || features.includes(needed) ? [] : [`${feature} needs ${needed}`];
  });
  return missing.length === 0
    ? []
    : [
        {
          path: "backendOptions.imageFeatures",
          value: shown(features),
          message: `the driver makes no image with these: ${listed(missing)}`,
          allowed: "Allowed: each feature with those that it needs",
        },
      ];
}

/** An option of the other kind of volume would say nothing. */
function kindProblems(site: Site): readonly Problem[] {
  const block = isBlock(site.backendOptions);
  const idle = block ? ["filesystem"] : ["pool", "imageFeatures"];
  return idle.flatMap((key) => {
    const value = site.backendOptions[key];
    return value === undefined
      ? []
      : [
          {
            path: `backendOptions.${key}`,
            value: shown(value),
            message: `this option says nothing with storage: ${block ? "rbd" : "cephfs"}`,
            allowed: `Allowed: no such key, or storage: ${block ? "cephfs" : "rbd"}`,
          },
        ];
  });
}

function encryptionProblems(site: Site): readonly Problem[] {
  const options = site.backendOptions;
  const named = textOption(options, "encryptionKmsId") !== undefined;
  if (isBlock(options) && named) {
    return [];
  }
  return encryptionRefusals(
    site,
    () =>
      isBlock(options)
        ? "the driver encrypts a volume with a key from a key management service, and none is named"
        : "the driver encrypts a shared file system only with kernels from 6.6, which nothing here can see",
    `Allowed: false, or ${isBlock(options) ? "backendOptions.encryptionKmsId" : "storage: rbd with backendOptions.encryptionKmsId"}`,
  );
}

function fileSystemProblems(site: Site): readonly Problem[] {
  if (isBlock(site.backendOptions)) {
    return [
      ...fsTypeProblems(site, ["ext4", "xfs"]),
      ...site.classes.flatMap((spec, index) =>
        spec.fsType === "xfs"
          ? [
              {
                path: `classes[${index}].fsType`,
                value: shown(spec.fsType),
                message:
                  "XFS may lock up where a volume is mounted on a node that holds copies, and here the storage nodes run the workloads",
                allowed: "Allowed: ext4",
                rule: CEPH_XFS,
              },
            ]
          : [],
      ),
    ];
  }
  return site.classes.flatMap((spec, index) =>
    spec.fsType === undefined
      ? []
      : [
          {
            path: `classes[${index}].fsType`,
            value: shown(spec.fsType),
            message: "CephFS is a file system itself, and makes no other",
            allowed: "Allowed: no such key",
          },
        ],
  );
}
