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
  // A third of the letters may differ: more is another word, not a slip.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3))
    ? best.name
    : undefined;
}
