import { isAlreadyExists } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { describeObject, referenceOf } from "../../clients/kubernetes/object";
import { canonicalJson } from "../../config/canonicalJson";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { contentSelector, createOwn } from "../../clients/kubernetes/ownObjects";
import { ReleaseError } from "./types";

type PartContent = "objects" | "secret";

const KIND_OF = { objects: "ConfigMap", secret: "Secret" } as const;

/** A point's immutable objects of one content, by one LIST. */
export function listParts(
  { client, stack, namespace }: OwnNamespace,
  content: PartContent,
  point: string,
): Promise<ClusterObject[]> {
  const labelSelector = contentSelector(stack, content, point);
  return client.list("v1", KIND_OF[content], { namespace, labelSelector });
}

/**
 * Makes a point's objects of one content exactly those that are given. What is there as it should be is left; what an
 * earlier, killed run left otherwise is replaced, since an immutable object cannot be changed.
 *
 * @throws ReleaseError when something else has the name
 */
export async function putParts(
  own: OwnNamespace,
  content: PartContent,
  point: string,
  wanted: readonly ClusterObject[],
): Promise<void> {
  const there = new Map(
    (await listParts(own, content, point)).map((object) => [object.metadata.name, object]),
  );
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const surplus = [...there.values()].filter(({ metadata }) => !names.has(metadata.name));
  const stale = wanted.flatMap((object) => {
    const found = there.get(object.metadata.name);
    return found === undefined || isSame(found, object) ? [] : [found];
  });
  for (const object of [...stale, ...surplus]) {
    await own.client.delete(referenceOf(object), object.metadata.uid);
    there.delete(object.metadata.name);
  }
  for (const object of wanted.filter(({ metadata }) => !there.has(metadata.name))) {
    await createPart(own, object);
  }
}

async function createPart(own: OwnNamespace, object: ClusterObject): Promise<void> {
  try {
    await createOwn(own, object);
  } catch (error) {
    if (!isAlreadyExists(error)) {
      throw error;
    }
    const { labels } = object.metadata;
    const point = labels?.["atom-backup/restore-point"] ?? "";
    throw new ReleaseError(
      `${describeObject(referenceOf(object))} is there already and does not belong to restore point ${point}. ` +
        "It was not changed. Remove or rename it, or set cluster.namespace to a namespace of our own.",
    );
  }
}

function isSame(live: ClusterObject, wanted: ClusterObject): boolean {
  const substance = (object: ClusterObject): string =>
    canonicalJson({
      data: object["data"] ?? {},
      binaryData: object["binaryData"] ?? {},
      annotations: object.metadata.annotations ?? {},
    });
  return substance(live) === substance(wanted);
}
