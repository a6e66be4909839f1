import type * as kubernetes from "@pulumi/kubernetes";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ClassPlan, Companion } from "../planning/plan";
import { companionObject } from "./companionObject";
import { present } from "./present";

/** Arguments of {@link ReplicatedStorage}. */
export interface ReplicatedStorageArgs {
  /** Id of the storage backend, e.g. `linstor`. */
  readonly backend: string;
  /** Full copies of each data volume. */
  readonly replicationFactor: number;
  /**
   * The classes, with the parameters that the backend needs for that many copies in those places.
   * @see https://kubernetes.io/docs/concepts/storage/storage-classes/
   */
  readonly classes: readonly ClassPlan[];
  /**
   * Objects beside the classes without which the classes' promise would not hold.
   * @default none
   */
  readonly companions?: readonly Companion[];
  /** Labels of every class, which mark it as ours. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Marks the class that claims without a class name get. */
const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

/**
 * The storage classes of a site, so that every volume of them has synchronous copies on different nodes and, where the
 * cluster spans sites, in different sites; and what the backend needs beside them.
 */
export class ReplicatedStorage extends pulumi.ComponentResource {
  /** Names of the classes, in the order of the stack file. */
  public readonly classNames: pulumi.Output<readonly string[]>;

  public constructor(
    name: string,
    args: ReplicatedStorageArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const names = args.classes.map((plan) => plan.spec.name);
    // What the operator has set, and nothing derived: a later version that derives other texts shows no difference.
    super(
      "atom:backup:ReplicatedStorage",
      name,
      { backend: args.backend, replicationFactor: args.replicationFactor, classes: names },
      opts,
    );
    const companions = (args.companions ?? []).map((companion) =>
      companionObject(`${name}-${companion.key}`, companion, { parent: this }),
    );
    const classes = args.classes.map((plan) => {
      const inputs = classInputs(plan, args.labels);
      return new StorageClass(`${name}-${plan.spec.name}`, inputs, {
        parent: this,
        // The class must not be used before what its promise rests on is there.
        dependsOn: companions,
        ...CLASS_OPTIONS,
      });
    });
    // The plain names: an output of a class that fed a claim would have the claim deleted with the class
    // (pulumi-kubernetes replaces a claim whose class changes). Listed after the classes are there.
    this.classNames = pulumi.all(classes.map((object) => object.urn)).apply(() => names);
    this.registerOutputs({ classNames: this.classNames });
  }
}

/**
 * The API server refuses updates of `reclaimPolicy` and `volumeBindingMode` (ValidateStorageClassUpdate), but the
 * provider replaces a class by itself only for `parameters` and `provisioner`. The name is fixed, because claims refer
 * to it, so that the old class must go before the new one is created (pulumi-kubernetes #2926). Bound claims and their
 * volumes are not touched by it.
 */
const CLASS_OPTIONS: pulumi.CustomResourceOptions = {
  replaceOnChanges: ["reclaimPolicy", "volumeBindingMode"],
  deleteBeforeReplace: true,
};

function classInputs(
  plan: ClassPlan,
  labels: Readonly<Record<string, string>>,
): kubernetes.types.input.storage.v1.StorageClass & { provisioner: string } {
  return {
    metadata: {
      name: plan.spec.name,
      labels: { ...labels },
      ...(plan.spec.default ? { annotations: { [DEFAULT_CLASS]: "true" } } : {}),
    },
    provisioner: plan.provisioner,
    ...present("parameters", { ...plan.parameters }),
    reclaimPolicy: plan.spec.reclaimPolicy,
    volumeBindingMode: plan.volumeBindingMode,
    allowVolumeExpansion: plan.spec.expansion,
    ...present(
      "allowedTopologies",
      (plan.allowedTopologies ?? []).map((terms) => ({
        matchLabelExpressions: terms.map((term) => ({ key: term.key, values: [...term.values] })),
      })),
    ),
    ...present("mountOptions", [...plan.mountOptions]),
  };
}
