import type { ClusterObject } from "../../clients/kubernetes/object";
import { controllerOf } from "./strip";
import type { RunningImage } from "./types";

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID?: string;
}

interface PodStatus {
  readonly phase?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** Which images run, with their digests: a tag may be moved, and a rollback needs the very bytes. */
export function runningImages(pods: readonly ClusterObject[]): readonly RunningImage[] {
  const images = new Map<string, RunningImage>();
  for (const pod of pods) {
    const {
      phase,
      containerStatuses = [],
      initContainerStatuses = [],
    } = (pod["status"] ?? {}) as PodStatus;
    if (phase !== "Running") {
      continue;
    }
    for (const { name, image, imageID = "" } of [...initContainerStatuses, ...containerStatuses]) {
      const { namespace = "" } = pod.metadata;
      const workload = workloadOfPod(pod);
      const found = { namespace, workload, container: name, image, imageId: imageID };
      // Replicas of one workload run the same; where they do not, both are of interest.
      images.set(JSON.stringify(found), found);
    }
  }
  return [...images].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, image]) => image);
}

/** What a pod belongs to. A ReplicaSet's name is its Deployment's and a hash that changes with each revision. */
export function workloadOfPod(pod: ClusterObject): string {
  const owner = controllerOf(pod) ?? `Pod/${pod.metadata.name}`;
  const hash = pod.metadata.labels?.["pod-template-hash"];
  return owner.startsWith("ReplicaSet/") && hash !== undefined && owner.endsWith(`-${hash}`)
    ? owner.replace("ReplicaSet/", "Deployment/").slice(0, -hash.length - 1)
    : owner;
}
