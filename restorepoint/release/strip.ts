import type { ClusterObject } from "../../clients/kubernetes/object";
import type { ReleaseObject } from "./types";

type Fields = Readonly<Record<string, unknown>>;

/** Metadata that the API server or a controller sets; finalizers too, since whoever needs one puts it there again. */
const SERVER_METADATA = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "managedFields",
  "ownerReferences",
  "finalizers",
];

/** Annotations by which controllers remember what they did with this very object. */
const SERVER_ANNOTATIONS = [
  "deployment.kubernetes.io/revision",
  "deprecated.daemonset.template.generation",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
  "volume.beta.kubernetes.io/storage-provisioner",
  "volume.kubernetes.io/storage-provisioner",
  "volume.kubernetes.io/selected-node",
  "volume.kubernetes.io/storage-resizer",
];

/** Labels that the Job controller gives the pods of one very Job. */
const JOB_LABELS = [
  "controller-uid",
  "job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
];

/**
 * An object without what the API server sets, so that it can be applied to a cluster that does not have it. What it
 * was made by is kept beside it: an owner reference holds a UID, and with a wrong one the object would be collected.
 */
export function stripped(object: ClusterObject): ReleaseObject {
  const owner = controllerOf(object);
  const plain = withoutKind(object);
  return owner === undefined ? { object: plain } : { object: plain, ownedBy: owner };
}

/** The controller of an object, e.g. `CronJob/report`. */
export function controllerOf({ metadata }: ClusterObject): string | undefined {
  const owners = metadata["ownerReferences"] as readonly Fields[] | undefined;
  const owner = owners?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : `${String(owner["kind"])}/${String(owner["name"])}`;
}

function withoutKind(object: ClusterObject): ClusterObject {
  const plain: ClusterObject = {
    ...(without(object, ["status"]) as ClusterObject),
    metadata: plainMetadata(object.metadata),
  };
  switch (`${object.apiVersion} ${object.kind}`) {
    case "v1 PersistentVolumeClaim":
      // The volume is bound to this very claim; which it was, the catalog's lineage says.
      return { ...plain, spec: without(plain["spec"], ["volumeName"]) };
    case "v1 Service":
      return { ...plain, spec: serviceSpec(plain["spec"]) };
    case "v1 ServiceAccount":
      // Tokens that a controller made; `imagePullSecrets` are the operator's and stay.
      return without(plain, ["secrets"]) as ClusterObject;
    case "batch/v1 Job":
      return { ...plain, spec: jobSpec(plain["spec"]) };
    default:
      return plain;
  }
}

function plainMetadata(metadata: ClusterObject["metadata"]): ClusterObject["metadata"] {
  const kept = without(metadata, [...SERVER_METADATA, "annotations"]) as ClusterObject["metadata"];
  const annotations = without(metadata.annotations, SERVER_ANNOTATIONS);
  return Object.keys(annotations).length === 0
    ? kept
    : { ...kept, annotations: annotations as Readonly<Record<string, string>> };
}

function serviceSpec(spec: unknown): unknown {
  // A headless service asks for no address, which is a choice and not one that the API server made.
  const headless = fields(spec)["clusterIP"] === "None";
  return without(spec, [...(headless ? [] : ["clusterIP", "clusterIPs"]), "healthCheckNodePort"]);
}

function jobSpec(spec: unknown): unknown {
  const { manualSelector, template } = fields(spec);
  if (manualSelector === true) {
    return spec;
  }
  const metadata = fields(fields(template)["metadata"]);
  return {
    ...without(spec, ["selector"]),
    template: {
      ...fields(template),
      metadata: { ...metadata, labels: without(metadata["labels"], JOB_LABELS) },
    },
  };
}

function without(value: unknown, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields(value)).filter(([key]) => !keys.includes(key)));
}

function fields(value: unknown): Fields {
  return (value ?? {}) as Fields;
}
