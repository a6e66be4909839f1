import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { ReleaseRecord } from "../../planning/pointRecord";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { contentLabels, partName } from "../../clients/kubernetes/ownObjects";
import type { CollectedRelease } from "./collect";
import { listParts, putParts, removeParts } from "./immutable";
import { pack, unpack } from "./pack";
import type { PartFolder } from "./partFolder";
import { SecretContent } from "./secrets";
import type { ReleaseObjects, SecretReference } from "./types";
import { ReleaseError } from "./types";

const PART_ANNOTATION = "atom-backup/part";
const DIGEST_ANNOTATION = "atom-backup/digest";
const DATA_KEY = "objects.gz";

/** What is left of a point's Secrets. */
export interface SecretCopies {
  readonly there: readonly SecretContent[];
  /** Without a copy that holds what was recorded. */
  readonly missing: readonly SecretReference[];
}

/** Keeps the release objects of points: ConfigMaps in the cluster, files off it, and Secrets in the cluster only. */
export class ReleaseStore {
  /** @param partBytes size of a part; tests make it small */
  constructor(
    private readonly own: OwnNamespace,
    private readonly folder: PartFolder,
    private readonly partBytes?: number,
  ) {}

  /**
   * Stores a release and reads it back. Repeatable: the same release changes nothing, and what a killed run left of
   * another is replaced.
   *
   * @param options.taken whether the point was taken, so that nothing of it may change any more
   * @returns what the catalog has to record
   * @throws ReleaseError when the point was taken, or what is read back differs
   */
  async save(
    point: string,
    { release, secrets }: CollectedRelease,
    { taken }: { readonly taken: boolean },
  ): Promise<ReleaseRecord> {
    if (taken) {
      throw new ReleaseError(
        `Restore point ${point} was taken: its release objects are those of that moment and are not stored again. ` +
          "Nothing was changed. Create a point under another name.",
      );
    }
    const record = await this.write(point, release, secrets.length);
    const replicas = secrets.map((secret, index) => secret.toCopy(this.own, point, index + 1));
    await putParts(this.own, "secret", point, replicas);
    const problems = await this.problems(point, record);
    if (problems.length > 0) {
      throw new ReleaseError(`${problems.join(" ")} Run the command again.`);
    }
    return record;
  }

  /**
   * Brings back what one of the two places lost, e.g. the ConfigMaps after etcd was. Secrets have one place only.
   *
   * @throws ReleaseError when neither place has the objects as they were stored
   */
  async heal(point: string, { digest, secrets }: ReleaseRecord): Promise<void> {
    await this.write(point, await this.read(point, digest), secrets);
  }

  /**
   * The release of a point, from the cluster, else from the copy off it.
   *
   * @param digest as the catalog has it
   * @throws ReleaseError when neither place has it as it was stored
   */
  async read(point: string, digest: string | undefined): Promise<ReleaseObjects> {
    const failures: string[] = [];
    for (const read of [
      () => this.fromCluster(point, digest),
      () => this.fromFolder(point, digest),
    ]) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof ReleaseError) && !(error instanceof ClusterError)) {
          throw error;
        }
        failures.push(error.message);
      }
    }
    throw new ReleaseError(
      `The release objects of restore point ${point} cannot be read. ${failures.join(" ")} ` +
        "Nothing was changed. Bring the copy back from a backup of its folder.",
    );
  }

  /** The copies of a point's Secrets; each is checked against what was recorded. */
  async secrets(point: string, release: ReleaseObjects): Promise<SecretCopies> {
    const replicas = await listParts(this.own, "secret", point);
    const contents = new Map(
      replicas
        .flatMap((copy) => SecretContent.fromCopy(copy) ?? [])
        .map((content) => [keyOf(content.reference), content]),
    );
    const there = release.secrets.flatMap((reference) => contents.get(keyOf(reference)) ?? []);
    const missing = release.secrets.filter((reference) => !contents.has(keyOf(reference)));
    return { there, missing };
  }

  /** Removes all that is stored of a point; repeatable. */
  async remove(point: string): Promise<void> {
    await removeParts(this.own, "secret", point);
    await removeParts(this.own, "objects", point);
    this.folder.remove(point);
  }

  private async write(
    point: string,
    release: ReleaseObjects,
    secrets: number,
  ): Promise<ReleaseRecord> {
    const { digest, parts } = pack(release, this.partBytes);
    this.folder.write(point, parts);
    const objects = parts.map((part, index) =>
      this.part(point, part, { number: index + 1, count: parts.length, digest }),
    );
    await putParts(this.own, "objects", point, objects);
    return { digest, parts: parts.length, secrets };
  }

  /**
   * What is stored of a point against what was recorded.
   *
   * @returns what is not as it was stored, in sentences; none where both places and all copies of Secrets are
   * @throws ClusterError when the cluster does not answer
   */
  async problems(point: string, { digest }: ReleaseRecord): Promise<readonly string[]> {
    const found: string[] = [];
    let release: ReleaseObjects | undefined;
    for (const read of [
      () => this.fromCluster(point, digest),
      () => this.fromFolder(point, digest),
    ]) {
      try {
        release = await read();
      } catch (error) {
        if (!(error instanceof ReleaseError)) {
          throw error;
        }
        found.push(error.message);
      }
    }
    const missing = release === undefined ? [] : (await this.secrets(point, release)).missing;
    return [
      ...found,
      ...missing.map(
        ({ namespace, name }) =>
          `No copy of Secret ${namespace}/${name} in ${this.own.namespace} holds what was recorded.`,
      ),
    ];
  }

  private async fromCluster(point: string, digest: string | undefined): Promise<ReleaseObjects> {
    const where = `The ConfigMaps ${this.own.namespace}/${partName(point, "objects", 1)} …`;
    const parts = await listParts(this.own, "objects", point);
    return unpack(inOrder(parts, where), digest, where);
  }

  private async fromFolder(point: string, digest: string | undefined): Promise<ReleaseObjects> {
    const where = `The files of ${this.folder.describe(point)}`;
    const parts = this.folder.read(point);
    if (parts.length === 0) {
      throw new ReleaseError(`${where} are not there.`);
    }
    return unpack(parts, digest, where);
  }

  private part(
    point: string,
    part: Buffer,
    { number, count, digest }: { number: number; count: number; digest: string },
  ): ClusterObject {
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: partName(point, "objects", number),
        namespace: this.own.namespace,
        labels: contentLabels(this.own.stack, point, "objects"),
        annotations: { [PART_ANNOTATION]: `${number}/${count}`, [DIGEST_ANNOTATION]: digest },
      },
      immutable: true,
      binaryData: { [DATA_KEY]: part.toString("base64") },
    };
  }
}

/** @throws ReleaseError when a part is missing */
function inOrder(parts: readonly ClusterObject[], where: string): readonly Buffer[] {
  const numbered = parts.map((part) => {
    const [number = 0, count = 0] = (part.metadata.annotations?.[PART_ANNOTATION] ?? "")
      .split("/")
      .map(Number);
    const data = (part["binaryData"] as Readonly<Record<string, string>> | undefined)?.[DATA_KEY];
    return { number, count, bytes: Buffer.from(data ?? "", "base64") };
  });
  const sorted = numbered.sort((one, other) => one.number - other.number);
  const complete =
    sorted.length > 0 &&
    sorted.every(({ number, count }, index) => number === index + 1 && count === sorted.length);
  if (!complete) {
    const found = sorted.map(({ number, count }) => `${number}/${count}`).join(", ");
    throw new ReleaseError(`${where} are not complete: found ${found === "" ? "none" : found}.`);
  }
  return sorted.map(({ bytes }) => bytes);
}

function keyOf({ namespace, name, digest }: SecretReference): string {
  return JSON.stringify([namespace, name, digest]);
}
