import type { ObservedReplicas, VolumeReplicas } from "../../drift/replicas/observeReplicas";

/** Lines for people about the copies that volumes really have. */
export function replicasLines(replicas: ObservedReplicas): string[] {
  switch (replicas.state) {
    case "notObserved":
      return [
        `copies of volumes: not observed: ${replicas.why}${replicas.remedy === undefined ? "" : `; ${replicas.remedy}`}`,
      ];
    case "unknown":
      return [`copies of volumes: unknown: ${replicas.why}`];
    case "observed":
      return replicas.volumes.length === 0
        ? []
        : [summary(replicas.volumes), ...replicas.volumes.flatMap(volumeLines)];
  }
}

function summary(volumes: readonly VolumeReplicas[]): string {
  const whole = volumes.filter(({ problems }) => problems.length === 0).length;
  return `copies of volumes: ${whole} of ${volumes.length} volumes have all of them, up to date and where they belong`;
}

/** One that is as planned needs no line. */
function volumeLines({ volume, claim, problems }: VolumeReplicas): string[] {
  return problems.map(
    ({ kind, message }) =>
      `  ${volume} (${claim ?? "no claim"}): ${kind === "unknown" ? "unknown: " : ""}${message}`,
  );
}
