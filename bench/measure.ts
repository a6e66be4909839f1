import { spawnSync } from "node:child_process";

/** Something that is measured as a whole process, from its start to its end. */
export interface Case {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
}

/** Median wall time of each case in milliseconds, by name. */
export type Medians = ReadonlyMap<string, number>;

/**
 * Runs every case `runs` times as a child process. The cases take turns, so that a machine that is slow for a while is
 * slow for all of them; what counts are ratios of one and the same call.
 *
 * @throws Error when a case fails: a time of a failure means nothing.
 */
export function measure(
  cases: readonly Case[],
  runs: number,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Medians {
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    for (const { name, args } of cases) {
      const begin = process.hrtime.bigint();
      const { status, stderr } = spawnSync(process.execPath, [...args], { cwd, env });
      if (status !== 0) {
        throw new Error(`${name} ended with ${status}: ${stderr.toString()}`);
      }
      times.get(name)?.push(Number(process.hrtime.bigint() - begin) / 1e6);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** Middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, two) => one - two);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) {
    throw new Error("The median of no values is not defined");
  }
  return (low + high) / 2;
}
