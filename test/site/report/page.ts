import { renderReport, type ReportInput } from "../../../site/report/renderReport";

/** What a page says, read from its text without a browser: enough for marks and visible words. */
export interface Page {
  readonly html: string;
  /** Table rows by their mark, as visible text. */
  rows(mark: string): readonly string[];
  /** Opening tags that carry an attribute. */
  tags(attribute: string): readonly string[];
  /** Visible text of the element that carries the attribute. */
  text(attribute: string): string;
}

export const fixedInput: Omit<ReportInput, "plan"> = {
  generatedAt: "2026-11-23T14:00:00Z",
  program: { version: "0.1.0" },
  target: { stack: "lab", place: "the lab on this machine" },
};

export function pageOf(input: Partial<ReportInput> & Pick<ReportInput, "plan">): Page {
  const html = renderReport({ ...fixedInput, ...input });
  return {
    html,
    rows: (mark) =>
      [...html.matchAll(/<tr class="[^"]*" data-row="([^"]*)">(.*?)<\/tr>/gsu)]
        .filter(([, found]) => found === mark)
        .map(([, , cells]) => visible(cells ?? "")),
    tags: (attribute) =>
      [...html.matchAll(/<[a-z]+ [^>]*>/gu)]
        .map(([tag]) => tag)
        .filter((tag) => tag.includes(attribute)),
    text: (attribute) => {
      const from = html.indexOf(attribute);
      const end = html.slice(from).search(/<\/(?:section|div)>\s*(?:<(?:section|dl|\/div)|$)/u);
      return visible(html.slice(html.indexOf(">", from) + 1, from + end));
    },
  };
}

function visible(html: string): string {
  return html
    .replace(/<\/(?:td|th|li|p)>/gu, " | ")
    .replace(/<\/span>/gu, " ")
    .replace(/<[^>]*>/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
}
