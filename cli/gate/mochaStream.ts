import type { Reporter } from "../../clients/reporter";

/** Counts the events of mocha's `json-stream` reporter and shows failures as they come. */
export class MochaStream {
  passed = 0;
  failed = 0;
  total = 0;
  ended = false;
  private rest = "";

  constructor(
    private readonly reporter: Reporter,
    private readonly title: string,
  ) {}

  read(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      this.event(line);
    }
  }

  private event(line: string): void {
    if (!line.startsWith('["')) {
      return;
    }
    let event: [string, { total?: number; fullTitle?: string; err?: string; stack?: string }];
    try {
      event = JSON.parse(line) as typeof event;
    } catch {
      return;
    }
    const [kind, detail] = event;
    if (kind === "start") {
      this.total = detail.total ?? 0;
    } else if (kind === "pass") {
      this.passed += 1;
    } else if (kind === "fail") {
      this.failed += 1;
      this.reporter.info(
        `${this.title}: FAILED ${detail.fullTitle ?? ""}\n${detail.stack ?? detail.err ?? ""}`,
      );
    } else if (kind === "end") {
      this.ended = true;
    }
  }
}
