import type { ClusterClient } from "./client";
import { ClusterError } from "./error";
import type { ClusterObject } from "./object";
import { takenName, labels, labelValue, NAME_LIMITS, POINT_LABEL } from "../../planning/names";

/** Name under which commands write objects that the program does not declare. */
export const FIELD_MANAGER = "atom-backup";

/** What an object of a point is, so that one kind of content can be listed without the bytes of the others. */
const CONTENT_LABEL = "atom-backup/content";

export type Content = "record" | "objects" | "secret";

/** Where commands keep what they know of points. */
export interface OwnNamespace {
  readonly client: ClusterClient;
  readonly stack: string;
  /** `site.cluster.namespace`. */
  readonly namespace: string;
}

/** Name of a point's ConfigMap. Never longer than Kubernetes allows. */
export function recordName(point: string): string {
  return takenName(`restore-point-${point}`, NAME_LIMITS.object);
}

/** Name of the n-th object of a point, from 1: `<point>-objects-1`, `<point>-secret-1`. */
export function partName(point: string, content: Exclude<Content, "record">, n: number): string {
  const suffix = `-${content}-${n}`;
  return `${takenName(point, NAME_LIMITS.object - suffix.length)}${suffix}`;
}

/** Labels of an object of a point. */
export function contentLabels(
  stack: string,
  point: string,
  content: Content,
): Record<string, string> {
  return { ...labels(stack), [POINT_LABEL]: labelValue(point), [CONTENT_LABEL]: content };
}

/** Selects what carries the owner's labels and one kind of content, of one point or of all. */
export function contentSelector(stack: string, content: Content, point?: string): string {
  return selectorOf({
    ...labels(stack),
    [CONTENT_LABEL]: content,
    ...(point === undefined ? {} : { [POINT_LABEL]: labelValue(point) }),
  });
}

/** A label selector for all of these labels. */
export function selectorOf(wanted: Readonly<Record<string, string>>): string {
  return Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Whether an object carries all of these labels. */
export function carries(object: ClusterObject, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => object.metadata.labels?.[key] === value);
}

/** Creates an object of ours; where its namespace is missing, that as well. */
export async function createOwn(own: OwnNamespace, object: ClusterObject): Promise<ClusterObject> {
  try {
    return await own.client.create(object, FIELD_MANAGER);
  } catch (error) {
    if (!(error instanceof ClusterError) || error.status !== 404) {
      throw error;
    }
    await createNamespace(own);
    return own.client.create(object, FIELD_MANAGER);
  }
}

async function createNamespace({ client, stack, namespace }: OwnNamespace): Promise<void> {
  const metadata = { name: namespace, labels: labels(stack) };
  try {
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata }, FIELD_MANAGER);
  } catch (error) {
    if (!(error instanceof ClusterError) || error.reason !== "AlreadyExists") {
      throw error;
    }
  }
}
