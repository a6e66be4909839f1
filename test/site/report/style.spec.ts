import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { style } from "../../../site/report/style";

/** Least contrast of text, level AA for text of normal size. */
const least = 4.5;

/** Text and what it stands on. */
const pairs: readonly (readonly [string, string])[] = [
  ["ink", "page"],
  ["ink", "sheet"],
  ["ink", "faint"],
  ["muted", "page"],
  ["muted", "sheet"],
  ["muted", "faint"],
  ["copy", "page"],
  ["copy", "sheet"],
  ["copy-ink", "copy"],
  ...["good", "warn", "bad"].flatMap((tone) =>
    [`${tone}-sheet`, "sheet", "faint"].map((on) => [tone, on] as const),
  ),
  ...["good", "warn", "bad"].map((tone) => ["ink", `${tone}-sheet`] as const),
  ["muted", "warn-sheet"],
  ["muted", "bad-sheet"],
];

function palettes(): readonly ReadonlyMap<string, string>[] {
  return [...style.matchAll(/:root\{([^}]*)\}/gu)].map(
    ([, body = ""]) =>
      new Map(
        [...body.matchAll(/--([a-z-]+):(#[0-9a-f]{3,6})/gu)].map(([, name = "", colour = ""]) => [
          name,
          colour,
        ]),
      ),
  );
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/gu, "$&$&") : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe("the report's colours", () => {
  it("come in three palettes: light, dark, paper", () => {
    assert.equal(palettes().length, 3);
  });

  palettes().forEach((palette, index) => {
    it(`palette ${["light", "dark", "paper"][index]}: text can be read on everything it stands on`, () => {
      for (const [text, on] of pairs) {
        const ratio = contrast(palette.get(text) ?? "#000", palette.get(on) ?? "#000");
        assert.ok(ratio >= least, `${text} on ${on}: ${ratio.toFixed(2)}`);
      }
    });
  });
});
