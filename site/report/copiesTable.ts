import type { SeenCopy } from "../../planning/backends/observation";
import type { ObservedCopies, VolumeCopies } from "../../drift/replicas/observeCopies";
import { badge, type Markup, markup, table } from "./markup";

/** The copies that volumes really have. */
export function copiesTable(copies: ObservedCopies | undefined): Markup {
  return markup`<h3 id="copies">Copies of the volumes</h3>
${content(copies)}`;
}

function content(copies: ObservedCopies | undefined): Markup {
  if (copies === undefined) {
    return paragraph("Nothing was read live: what follows from the classes is a plan.");
  }
  switch (copies.state) {
    case "notObserved":
      return paragraph(
        `Not observed: ${copies.why}.${copies.remedy === undefined ? "" : ` To see them, ${copies.remedy}.`}`,
      );
    case "cannotTell":
      return paragraph(`Cannot tell: ${copies.why}`);
    case "observed":
      return copies.volumes.length === 0
        ? paragraph("There is no volume of these classes.")
        : table(
            "Copies of the volumes",
            ["Volume", "Claim", "State", "Copies", "Sites", "What is not as planned"],
            copies.volumes.map((volume) => ({
              mark: "copies",
              kind: volume.problems.length === 0 ? "" : "bad",
              cells: [
                volume.volume,
                volume.claim ?? "none",
                state(volume),
                placesOf(volume),
                volume.sites === undefined ? "not told" : volume.sites.join(", "),
                volume.problems.map(({ message }) => message).join(" "),
              ],
            })),
          );
  }
}

function paragraph(text: string): Markup {
  return markup`<p data-copies="">${text}</p>
`;
}

function state({ problems }: VolumeCopies): Markup {
  if (problems.length === 0) {
    return badge("good", "as planned");
  }
  return problems.every(({ kind }) => kind === "cannot-tell")
    ? badge("warn", "cannot tell")
    : badge("bad", "not as planned");
}

function placesOf({ copies, tieBreakers }: VolumeCopies): string {
  const places = copies.map(placeOf);
  const votes = tieBreakers.map((node) => `${node} (tie-breaker)`);
  const all = [...places, ...votes];
  return all.length === 0 ? "not told" : all.join(", ");
}

function placeOf({ node, state: copy, detail }: SeenCopy): string {
  return `${node ?? "somewhere"} (${copy === "upToDate" ? "up to date" : detail})`;
}
