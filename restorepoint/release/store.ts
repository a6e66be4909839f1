import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { ReleaseRecord } from "../../planning/pointRecord";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { contentLabels, partName } from "../../clients/kubernetes/ownObjects";
import { writeAtomically } from "../../config/atomicFile";
import type { CollectedRelease } from "./collect";
import { listParts, putParts } from "./immutable";
import { pack, unpack } from "./pack";
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

/**
 * Keeps the release objects of points: ConfigMaps in the cluster, files `objects-1.gz` … in a folder of the point's name off
 * it, and Secrets in the cluster only.
 */
export class ReleaseStore {
  /**
   * @param folder of `catalogFolder`
   * @param partBytes size of a part; tests make it small
   */
  constructor(
    private readonly own: OwnNamespace,
    private readonly folder: string,
    private readonly partBytes?: number,
  ) {}

  /**
   * Stores a release and reads it back. Repeatable: the same release changes nothing, and what a killed run left of
   * another is replaced.
   *
   * @returns what the catalog has to record
   * @throws ReleaseError when what is read back differs
   */
  async save(point: string, { release, secrets }: CollectedRelease): Promise<ReleaseRecord> {
    const { digest, parts } = pack(release, this.partBytes);
    parts.forEach((part, index) => writeAtomically(this.file(point, index + 1), part));
    // What an earlier run left beyond them.
    const surplus = this.files(point).filter((number) => number > parts.length);
    surplus.forEach((number) => rmSync(this.file(point, number), { force: true }));
    const objects = parts.map((part, index) =>
      this.part(point, part, { number: index + 1, count: parts.length, digest }),
    );
    await putParts(this.own, "objects", point, objects);
    const record = { digest, parts: parts.length, secrets: secrets.length };
    const replicas = secrets.map((secret, index) => secret.toCopy(this.own, point, index + 1));
    await putParts(this.own, "secret", point, replicas);
    const problems = await this.problems(point, record);
    if (problems.length > 0) {
      throw new ReleaseError(`${problems.join(" ")} Run the command again.`);
    }
    return record;
  }

  /**
   * The release of a point, from the cluster, else from the copy off it.
   *
   * @param digest as the catalog has it
   * @throws ReleaseError when neither place has it as it was stored
   */
  async read(point: string, digest: string): Promise<ReleaseObjects> {
    const isBorne = (error: unknown): boolean =>
      error instanceof ReleaseError || error instanceof ClusterError;
    const { release, failures } = await this.look(point, digest, isBorne);
    if (release === undefined) {
      throw new ReleaseError(
        `The release objects of restore point ${point} cannot be read. ${failures.join(" ")} ` +
          "Nothing was changed. Bring the copy back from a backup of its folder.",
      );
    }
    return release;
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
    await putParts(this.own, "secret", point, []);
    await putParts(this.own, "objects", point, []);
    rmSync(join(this.folder, point), { recursive: true, force: true });
  }

  /**
   * What is stored of a point against what was recorded.
   *
   * @returns what is not as it was stored, in sentences; none where both places and all copies of Secrets are
   * @throws ClusterError when the cluster does not answer
   */
  async problems(point: string, { digest }: ReleaseRecord): Promise<readonly string[]> {
    const isBorne = (error: unknown): boolean => error instanceof ReleaseError;
    const { release, failures } = await this.look(point, digest, isBorne);
    const missing = release === undefined ? [] : (await this.secrets(point, release)).missing;
    return [
      ...failures,
      ...missing.map(
        ({ namespace, name }) =>
          `No copy of Secret ${namespace}/${name} in ${this.own.namespace} holds what was recorded.`,
      ),
    ];
  }

  /** Reads both places. @param isBorne whether an error is told, and not thrown */
  private async look(
    point: string,
    digest: string,
    isBorne: (error: unknown) => boolean,
  ): Promise<{ readonly release: ReleaseObjects | undefined; readonly failures: string[] }> {
    const failures: string[] = [];
    let release: ReleaseObjects | undefined;
    const cluster = `The ConfigMaps ${this.own.namespace}/${partName(point, "objects", 1)} …`;
    const folder = `The files of ${join(this.folder, point)}`;
    for (const where of [cluster, folder]) {
      try {
        const parts =
          where === folder
            ? this.files(point).map((number) => readFileSync(this.file(point, number)))
            : inOrder(await listParts(this.own, "objects", point), where);
        const found = unpack(parts, digest, where);
        release ??= found;
      } catch (error) {
        if (!isBorne(error)) {
          throw error;
        }
        failures.push((error as Error).message);
      }
    }
    return { release, failures };
  }

  private file(point: string, number: number): string {
    return join(this.folder, point, `objects-${number}.gz`);
  }

  /** Numbers of the files of a point, in order; none when there is no folder. */
  private files(point: string): readonly number[] {
    try {
      return readdirSync(join(this.folder, point))
        .flatMap((file) => /^objects-(\d+)\.gz$/.exec(file)?.[1] ?? [])
        .map(Number)
        .sort((one, other) => one - other);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return [];
      }
      throw error;
    }
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
