/** Prints the answer of a command: on stdout, so that it can be piped. */
export function printAnswer(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
