import { gunzipSync, gzipSync } from "node:zlib";

import { isAlreadyExists } from "../../clients/kubernetes/error";
import {
  field,
  fieldText,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import {
  carries,
  contentLabels,
  contentSelector,
  createOwn,
  FIELD_MANAGER,
  recordName,
} from "../../clients/kubernetes/ownObjects";
import { parseRecord, printRecord } from "./record";
import { readEach, type CatalogSide, type StoredRecord } from "./side";
import type { PointRecord } from "../../planning/pointRecord";
import { CatalogConflict, CatalogError } from "./errors";

/** Bytes of a ConfigMap's data; Kubernetes allows 1 MiB, and metadata counts elsewhere. */
export const CONFIG_MAP_BYTES = 900 * 1024;

const TEXT_KEY = "record.json";
const PACKED_KEY = "record.json.gz";
/** Annotation with the point's name as it is: as a label it may be shortened. */
const POINT_ANNOTATION = "atom-backup/restore-point-name";

/** The catalog in the cluster: one ConfigMap for each point. */
export class ClusterSide implements CatalogSide {
  constructor(private readonly own: OwnNamespace) {}

  describe(point: string): string {
    return `ConfigMap ${this.own.namespace}/${recordName(point)}`;
  }

  async read(point: string): Promise<StoredRecord | undefined> {
    const found = await this.own.client.get(this.reference(point));
    return found === undefined ? undefined : this.parse(point, found);
  }

  async write(document: PointRecord, token: string | undefined): Promise<string | undefined> {
    const object = this.object(document);
    const { name: point } = document;
    const there = await this.own.client.modify(this.reference(point), FIELD_MANAGER, (live) => {
      this.checkOwner(point, live);
      const { resourceVersion } = live.metadata;
      // After a lost answer the object is as this write made it: then it is no other run's.
      if (resourceVersion !== token && contentOf(live) !== contentOf(object)) {
        throw this.conflict(point);
      }
      return { ...object, metadata: { ...live.metadata, ...object.metadata } };
    });
    try {
      return (there ?? (await createOwn(this.own, object))).metadata.resourceVersion;
    } catch (error) {
      throw isAlreadyExists(error) ? this.conflict(point) : error;
    }
  }

  async list(): Promise<ReadonlyMap<string, StoredRecord | CatalogError>> {
    const { client, namespace, stack } = this.own;
    const labelSelector = contentSelector(stack, "record");
    const objects = await client.list("v1", "ConfigMap", { namespace, labelSelector });
    return readEach(
      objects,
      ({ metadata }) => metadata.annotations?.[POINT_ANNOTATION] ?? metadata.name,
      (object, point) => this.parse(point, object),
    );
  }

  async remove(point: string): Promise<void> {
    const found = await this.own.client.get(this.reference(point));
    if (found !== undefined) {
      this.checkOwner(point, found);
      await this.own.client.delete(this.reference(point), found.metadata.uid);
    }
  }

  private parse(point: string, object: ClusterObject): StoredRecord {
    this.checkOwner(point, object);
    const remedy = "Delete the ConfigMap: then the copy off the cluster counts.";
    const source = { stack: this.own.stack, point, where: this.describe(point), remedy };
    const document = parseRecord(contentOf(object), source);
    return { document, token: object.metadata.resourceVersion };
  }

  private checkOwner(point: string, object: ClusterObject): void {
    if (!carries(object, contentLabels(this.own.stack, point, "record"))) {
      throw new CatalogError(
        `${this.describe(point)} is not the record of restore point ${point} of stack ${this.own.stack}: ` +
          "its labels say otherwise. Nothing was changed. Remove it, or set cluster.namespace to a namespace of our own.",
      );
    }
  }

  private conflict(point: string): CatalogConflict {
    return new CatalogConflict(
      `${this.describe(point)} was changed by another run meanwhile. Run the command again when that has ended.`,
    );
  }

  private reference(point: string): ObjectReference {
    const { namespace } = this.own;
    return { apiVersion: "v1", kind: "ConfigMap", namespace, name: recordName(point) };
  }

  private object(document: PointRecord): ClusterObject {
    const { name: point } = document;
    const json = printRecord(document);
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: recordName(point),
        namespace: this.own.namespace,
        labels: contentLabels(this.own.stack, point, "record"),
        annotations: { [POINT_ANNOTATION]: point },
      },
      ...this.data(point, json),
    };
  }

  /** Readable while it fits: at three in the morning `kubectl get configmap -o yaml` has to do. */
  private data(point: string, json: string): Record<string, unknown> {
    if (Buffer.byteLength(json) <= CONFIG_MAP_BYTES) {
      return { data: { [TEXT_KEY]: json } };
    }
    const packed = gzipSync(json);
    if (packed.length > CONFIG_MAP_BYTES) {
      throw new CatalogError(
        `The record of restore point ${point} has ${packed.length} bytes packed; a ConfigMap holds ${CONFIG_MAP_BYTES}. ` +
          "Split the product's claims over several stacks.",
      );
    }
    return { binaryData: { [PACKED_KEY]: packed.toString("base64") } };
  }
}

/** Text of a record's ConfigMap; the empty string, which is no record, where there is none. */
function contentOf(object: ClusterObject): string {
  const packed = field(object, "binaryData", PACKED_KEY);
  if (typeof packed !== "string") {
    return fieldText(object, "data", TEXT_KEY);
  }
  try {
    return gunzipSync(Buffer.from(packed, "base64")).toString("utf8");
  } catch {
    return "";
  }
}
