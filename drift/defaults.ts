import type { ClusterObject } from "../clients/kubernetes/object";
import type { DesiredState } from "../engine/program/desiredState";
import { isKubernetes, referenceFrom } from "./resources";
import { type Finding, found, type LiveState } from "./types";

/** Marks of a default class by its kind: each by which the API server or the snapshot controller takes one for default. */
const marks: Readonly<Record<string, readonly string[]>> = {
  StorageClass: [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
  ],
  VolumeSnapshotClass: ["snapshot.storage.kubernetes.io/is-default-class"],
  VolumeGroupSnapshotClass: ["groupsnapshot.storage.kubernetes.io/is-default-class"],
};

const CONSEQUENCE: Readonly<Record<string, string>> = {
  StorageClass: "a claim without a class gets the one that was created last",
};

/** Whether a live StorageClass is the cluster's default. */
export function isDefaultClass({ metadata }: Pick<ClusterObject, "metadata">): boolean {
  return marksOf("StorageClass", metadata).length > 0;
}

function marksOf(kind: string, { annotations }: ClusterObject["metadata"]): string[] {
  return (marks[kind] ?? []).filter((mark) => annotations?.[mark] === "true");
}

/**
 * Classes that are default beside ours: of all StorageClasses, and of the snapshot classes of our driver. Pure; kinds
 * that were not read give nothing, as the declared class says so already.
 */
export function judgeDefaults({ registrations }: DesiredState, { cluster }: LiveState): Finding[] {
  if (cluster.state !== "read") {
    return [];
  }
  const live = [...cluster.value.objects.values()];
  const declared = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => ({
      ...referenceFrom(inputs),
      object: inputs as unknown as ClusterObject,
    }));
  return declared.flatMap(({ kind, name, object }) => {
    if (marksOf(kind, object.metadata).length === 0) {
      return [];
    }
    const ours = (one: ClusterObject): boolean =>
      declared.some((other) => other.kind === one.kind && other.name === one.metadata.name);
    return live
      .filter((one) => one.kind === kind && one["driver"] === object["driver"] && !ours(one))
      .flatMap((one) =>
        marksOf(kind, one.metadata).map((mark) =>
          found(
            "differs",
            `${kind} ${one.metadata.name}`,
            `${one.metadata.name} and ${name} are both default classes; ` +
              `${CONSEQUENCE[kind] ?? "a snapshot without a class is refused"}. Take the mark off one of them.`,
            [{ path: `metadata.annotations["${mark}"]`, from: "true", to: undefined }],
            `kubectl annotate ${kind.toLowerCase()} ${one.metadata.name} ${mark}-`,
          ),
        ),
      );
  });
}
