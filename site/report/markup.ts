import escapeHtml from "escape-html";

/** Text that is HTML already. Only {@link markup} makes it, so every value in a page has been escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * HTML from a template: literal parts stay, values are escaped (quotes too, so they may stand in double-quoted
 * attributes), nested markup and lists are put in as they are, `undefined` leaves nothing.
 */
export function markup(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const parts = literals.map((literal, index) =>
    index === 0 ? literal : render(values[index - 1]) + literal,
  );
  return new Markup(parts.join(""));
}

function render(value: Content): string {
  if (value === undefined) {
    return "";
  }
  if (value instanceof Markup) {
    return value.text;
  }
  return typeof value === "object" ? value.map(render).join("") : escapeHtml(String(value));
}

/** Blocks one below the other. */
function lines(blocks: readonly Content[]): Content {
  return blocks.flatMap((block) => (block === undefined ? [] : [block, "\n"]));
}

/** A section with a heading that links can reach. */
export function section(id: string, title: string, ...blocks: readonly Content[]): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lines(blocks)}</section>
`;
}

/** A table with a caption for screen readers, column headers, and in each row its first cell as row header. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly TableRow[],
  kind = "",
): Markup {
  const header = columns.map((column) => markup`<th scope="col">${column}</th>`);
  return markup`<div class="table ${kind}" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${header}</tr></thead>
<tbody>
${lines(rows.map((row) => tableRow(row, columns)))}</tbody>
</table></div>`;
}

export interface TableRow {
  readonly cells: readonly Content[];
  /** Class of the row, e.g. `bad`. */
  readonly kind?: string;
  /** What tests and scripts find the row by. */
  readonly mark?: string;
}

function tableRow(row: TableRow, columns: readonly string[]): Markup {
  const cells = row.cells.map((cell, index) =>
    index === 0
      ? markup`<th scope="row">${cell}</th>`
      : markup`<td data-label="${columns[index]}">${cell}</td>`,
  );
  return markup`<tr class="${row.kind}" data-row="${row.mark}">${cells}</tr>`;
}

export type Tone = "good" | "warn" | "bad" | "calm";

const signs: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✗", calm: "–" };

/** A shape of its own for each tone, so that it is told apart without colour. */
export function sign(tone: Tone): Markup {
  return markup`<span class="sign" aria-hidden="true">${signs[tone]}</span>`;
}

/** A word with its sign. */
export function badge(tone: Tone, text: string): Markup {
  return markup`<span class="badge ${tone}">${sign(tone)}${text}</span>`;
}

/** A phrase of the plan as a sentence: capital first, full stop last. */
export function sentence(phrase: string): string {
  const [first = "", ...rest] = [...phrase];
  return `${first.toUpperCase()}${rest.join("")}${/[.!?]$/u.test(phrase) ? "" : "."}`;
}

/** A moment for people, in UTC; text that is no date-time is shown as it is. */
export function moment(rfc3339: string): Markup {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at)) {
    return markup`${rfc3339}`;
  }
  const iso = new Date(at).toISOString();
  return markup`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

/** Whether an end has passed; one that is no date-time counts as passed. */
export function isOver(end: string, now: string): boolean {
  return !(Date.parse(end) > Date.parse(now));
}
