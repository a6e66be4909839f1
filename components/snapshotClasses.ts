import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import type { SnapshotClassPlan } from "../planning/plan";
import { present } from "./present";

/** Arguments of {@link SnapshotClasses}. */
export interface SnapshotClassesArgs {
  /**
   * The class of snapshots of single volumes.
   * @see https://kubernetes.io/docs/concepts/storage/volume-snapshot-classes/
   */
  readonly volume: SnapshotClassPlan;
  /**
   * The class of snapshots of several volumes at one moment.
   * @default none, where the driver has no group snapshots
   * @see https://kubernetes.io/blog/2024/12/18/kubernetes-1-32-volume-group-snapshot-beta/
   */
  readonly volumeGroup?: SnapshotClassPlan;
  /**
   * Whether these are the driver's default classes. Two defaults of one driver make every snapshot without a class name
   * fail, so that it is only for drivers that have no other.
   * @default false
   */
  readonly default?: boolean;
  /** Labels of every class, which mark it as ours. */
  readonly labels: Readonly<Record<string, string>>;
}

const VOLUME = {
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshotClass",
  defaultMark: "snapshot.storage.kubernetes.io/is-default-class",
} as const;

/** The version that external-snapshotter 8.3 and later serve; v1beta1 is deprecated there, v1 newer. */
const VOLUME_GROUP = {
  apiVersion: "groupsnapshot.storage.k8s.io/v1beta2",
  kind: "VolumeGroupSnapshotClass",
  defaultMark: "groupsnapshot.storage.kubernetes.io/is-default-class",
} as const;

/** The snapshot classes of a site, in which the volumes of restore points are taken. */
export class SnapshotClasses extends pulumi.ComponentResource {
  /** Name of the class of single volumes. */
  public readonly volumeClass: pulumi.Output<string>;
  /** Name of the class of groups; undefined where there is none. */
  public readonly volumeGroupClass: pulumi.Output<string> | undefined;

  public constructor(
    name: string,
    args: SnapshotClassesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("atom:backup:SnapshotClasses", name, { volume: args.volume.name }, opts);
    const declare = (
      suffix: string,
      type: typeof VOLUME | typeof VOLUME_GROUP,
      plan: SnapshotClassPlan,
    ): pulumi.Output<string> =>
      new CustomResource(
        `${name}-${suffix}`,
        {
          apiVersion: type.apiVersion,
          kind: type.kind,
          metadata: {
            name: plan.name,
            labels: { ...args.labels },
            ...(args.default === true ? { annotations: { [type.defaultMark]: "true" } } : {}),
          },
          driver: plan.driver,
          deletionPolicy: plan.deletionPolicy,
          ...present("parameters", { ...plan.parameters }),
        },
        // The API server takes an object only once it knows its kind.
        { parent: this, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) },
      ).urn.apply(() => plan.name);

    this.volumeClass = declare("volume", VOLUME, args.volume);
    this.volumeGroupClass =
      args.volumeGroup === undefined
        ? undefined
        : declare("volume-group", VOLUME_GROUP, args.volumeGroup);
    this.registerOutputs({
      volumeClass: this.volumeClass,
      volumeGroupClass: this.volumeGroupClass,
    });
  }
}
