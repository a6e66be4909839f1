import { statusTexts } from "../status/words";
import type { ReportInput } from "./input";
import { type Markup, markup, section } from "./markup";
import { timeline } from "./timeline";

/** The answer of `./atom status`, and the history of points and proofs. */
export function statusSection({ status, points, generatedAt }: ReportInput): Markup {
  return section(
    "status",
    "If tonight goes wrong",
    status === undefined
      ? markup`<p>Nothing live was read for this page, so that this cannot be told.</p>`
      : markup`<dl class="status">${statusTexts(status).map(([about, text]) => markup`<dt>${about}</dt><dd>${text}</dd>`)}</dl>`,
    timeline(points ?? [], generatedAt),
  );
}
