import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { writeAtomically } from "../../config/atomicFile";

/** The copy of a point's release objects off the cluster: files `objects-1.gz` … in a folder of the point's name. */
export class PartFolder {
  /** @param folder of `catalogFolder` */
  constructor(private readonly folder: string) {}

  describe(point: string): string {
    return join(this.folder, point);
  }

  /** In order; none when there is no folder. */
  read(point: string): readonly Buffer[] {
    return this.numbers(point).map((number) => readFileSync(this.file(point, number)));
  }

  /** Writes the parts and removes what an earlier run left beyond them. */
  write(point: string, parts: readonly Buffer[]): void {
    parts.forEach((part, index) => writeAtomically(this.file(point, index + 1), part));
    for (const number of this.numbers(point).filter((one) => one > parts.length)) {
      rmSync(this.file(point, number), { force: true });
    }
  }

  /** That there is none is no error. */
  remove(point: string): void {
    rmSync(this.describe(point), { recursive: true, force: true });
  }

  private file(point: string, number: number): string {
    return join(this.describe(point), `objects-${number}.gz`);
  }

  private numbers(point: string): readonly number[] {
    try {
      return readdirSync(this.describe(point))
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
}
