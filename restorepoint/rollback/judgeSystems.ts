import { describeObject, field, fieldText, referenceOf } from "../../clients/kubernetes/object";
import { isReady } from "../../drift/node";
import { listed } from "../../planning/words";
import { isMadeAnew, keyOf } from "./changes";
import { NOTHING, type Judgement, type PlannedClaim, type RollbackWorld } from "./types";

/** A node that is down lets go of no volume, and nothing can be restored to where only it is. */
export function judgeNodes(
  { nodes, attachments, degraded }: RollbackWorld,
  claims: readonly PlannedClaim[],
): Judgement {
  const ready = new Set(nodes.filter(isReady).map(({ metadata }) => metadata.name));
  const volumes = new Set(claims.flatMap(({ from }) => from ?? []));
  const held = attachments.filter(
    (one) =>
      volumes.has(fieldText(one, "spec", "source", "persistentVolumeName")) &&
      !ready.has(fieldText(one, "spec", "nodeName")),
  );
  const down = nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name);
  const text = `Nodes are down: ${listed(down)}.`;
  return {
    refusals: [
      ...held.map(
        (one) =>
          `${fieldText(one, "spec", "source", "persistentVolumeName")} is attached to node ${fieldText(one, "spec", "nodeName")}, which is down or ` +
          "gone and does not let go of it: bring the node back, or taint it node.kubernetes.io/out-of-service.",
      ),
      ...(down.length > 0 && !degraded ? [`${text} Give --degraded to restore without them.`] : []),
    ],
    warnings:
      down.length > 0 && degraded ? [`${text} Volumes are restored where there is room.`] : [],
  };
}

/** What of the release cannot be written back as it was. */
export function judgeObjects({ target, live, missingSecrets }: RollbackWorld): Judgement {
  if (target === undefined) {
    return NOTHING;
  }
  const there = new Map(live.objects.map(({ object }) => [keyOf(object), object]));
  const orphaned = target.objects.filter(({ object }) => {
    const found = there.get(keyOf(object));
    return (
      found !== undefined &&
      isMadeAnew(found, object) &&
      field(found, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") === "Delete"
    );
  });
  const secrets = missingSecrets.filter(
    (name) => !live.secrets.some((one) => `${one.namespace}/${one.name}` === name),
  );
  return {
    refusals: [
      ...orphaned.map(
        ({ object }) =>
          `${describeObject(referenceOf(object))} cannot be changed in place, and its claims go when it is removed: set its ` +
          "persistentVolumeClaimRetentionPolicy.whenDeleted to Retain.",
      ),
      ...secrets.map((name) => `Secret ${name} is gone, and so is its copy: make it again first.`),
    ],
    warnings: [
      ...target.unknown.map(
        ({ kind, namespace, why }) =>
          `${kind} of ${namespace} could not be read when the objects were stored and stay as they are: ${why}`,
      ),
      ...missingSecrets
        .filter((name) => !secrets.includes(name))
        .map((name) => `No copy of Secret ${name} is left: it stays as it is.`),
    ],
  };
}
