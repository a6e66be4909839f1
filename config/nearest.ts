import { distance } from "fastest-levenshtein";

/** The known name that a misspelt one most likely means; undefined when none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const part = known.filter((candidate) => candidate.toLowerCase().includes(wanted));
  if (wanted.length >= 4 && part.length === 1) {
    return part[0];
  }
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const steps = distance(wanted, candidate.toLowerCase());
    if (best === undefined || steps < best.distance) {
      best = { name: candidate, distance: steps };
    }
  }
  if (best === undefined) {
    return undefined;
  }
  // A third of the letters may differ, or two be swapped: more is another word, not a slip.
  const isNear =
    best.distance <= Math.floor(best.name.length / 3) ||
    letters(wanted) === letters(best.name.toLowerCase());
  return isNear ? best.name : undefined;
}

function letters(word: string): string {
  return [...word].sort().join("");
}
