import type { SeenReplica } from "../../planning/backends/observation";
import type { ObservedReplicas, VolumeReplicas } from "../../drift/replicas/observeReplicas";
import { badge, type Markup, markup, table } from "./markup";

/** The copies that volumes really have. */
export function replicasTable(replicas: ObservedReplicas | undefined): readonly Markup[] {
  return [markup`<h3 id="copies">Copies of the volumes</h3>`, content(replicas)];
}

function content(replicas: ObservedReplicas | undefined): Markup {
  switch (replicas?.state) {
    case undefined:
      return said("Nothing was read live: what follows from the classes is a plan.");
    case "notObserved":
      return said(
        `Not observed: ${replicas.why}.${replicas.remedy === undefined ? "" : ` To see them, ${replicas.remedy}.`}`,
      );
    case "unknown":
      return said(`Unknown: ${replicas.why}`);
    case "observed":
      return replicas.volumes.length === 0
        ? said("There is no volume of these classes.")
        : table(
            "Copies of the volumes",
            ["Volume", "Claim", "State", "Copies", "Sites", "What is not as planned"],
            replicas.volumes.map((volume) => ({
              mark: "copies",
              kind: volume.problems.length === 0 ? "" : "bad",
              cells: [
                volume.volume,
                volume.claim ?? "none",
                state(volume),
                placesOf(volume),
                volume.sites === undefined ? "unknown" : volume.sites.join(", "),
                volume.problems.map(({ message }) => message).join(" "),
              ],
            })),
          );
  }
}

function said(text: string): Markup {
  return markup`<p data-copies="">${text}</p>`;
}

function state({ problems }: VolumeReplicas): Markup {
  if (problems.length === 0) {
    return badge("good", "as planned");
  }
  return problems.every(({ kind }) => kind === "unknown")
    ? badge("warn", "unknown")
    : badge("bad", "not as planned");
}

function placesOf({ replicas, tieBreakers }: VolumeReplicas): string {
  const places = replicas.map(placeOf);
  const votes = tieBreakers.map((node) => `${node} (tie-breaker)`);
  const all = [...places, ...votes];
  return all.length === 0 ? "unknown" : all.join(", ");
}

function placeOf({ node, state: copy, detail }: SeenReplica): string {
  return `${node ?? "somewhere"} (${copy === "upToDate" ? "up to date" : detail})`;
}
