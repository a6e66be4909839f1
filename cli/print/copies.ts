import type { ObservedCopies, VolumeCopies } from "../../drift/replicas/observeCopies";

/** Lines for people about the copies that volumes really have. */
export function copiesLines(copies: ObservedCopies): string[] {
  switch (copies.state) {
    case "notObserved":
      return [
        `copies of volumes: not observed: ${copies.why}${copies.remedy === undefined ? "" : `; ${copies.remedy}`}`,
      ];
    case "cannotTell":
      return [`copies of volumes: cannot tell: ${copies.why}`];
    case "observed":
      return copies.volumes.length === 0
        ? []
        : [summary(copies.volumes), ...copies.volumes.flatMap(volumeLines)];
  }
}

function summary(volumes: readonly VolumeCopies[]): string {
  const whole = volumes.filter(({ problems }) => problems.length === 0).length;
  return `copies of volumes: ${whole} of ${volumes.length} volumes have all of them, up to date and where they belong`;
}

/** One that is as planned needs no line. */
function volumeLines({ volume, claim, problems }: VolumeCopies): string[] {
  return problems.map(
    ({ kind, message }) =>
      `  ${volume} (${claim ?? "no claim"}): ${kind === "cannot-tell" ? "cannot tell: " : ""}${message}`,
  );
}
