import { MultiBar, type SingleBar } from "cli-progress";
import type { Progress, Reporter } from "../clients/reporter";

/** Lines of people's text and progress on stderr: bars on a terminal, a line per step elsewhere. */
export function createReporter(stream: NodeJS.WriteStream = process.stderr): Reporter {
  return stream.isTTY ? new TerminalReporter(stream) : new LineReporter(stream);
}

class TerminalReporter implements Reporter {
  private bars: MultiBar | undefined;
  private active = 0;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  info(text: string): void {
    if (this.bars === undefined) {
      this.stream.write(`${text}\n`);
    } else {
      this.bars.log(`${text}\n`);
    }
  }

  warn(text: string): void {
    this.info(`warning: ${text}`);
  }

  progress(title: string): Progress {
    this.bars ??= new MultiBar({
      stream: this.stream,
      format: "  {title} {bar} {value}/{total} {text}",
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      forceRedraw: true,
    });
    this.active += 1;
    const bar = this.bars.create(1, 0, { title, text: "" });
    let ended = false;
    const end = (line: string): void => {
      if (!ended) {
        ended = true;
        this.finish(bar, line);
      }
    };
    return {
      update: ({ done, total, text }) => {
        if (total !== undefined) {
          bar.setTotal(total);
        }
        const payload = text === undefined ? {} : { text };
        if (done === undefined) {
          bar.update(payload);
        } else {
          bar.update(done, payload);
        }
      },
      done: (text) => end(`  ${title}: ${text ?? "done"}`),
      fail: (text) => end(`  ${title}: failed: ${text}`),
    };
  }

  private finish(bar: SingleBar, line: string): void {
    this.bars?.remove(bar);
    this.active -= 1;
    if (this.active === 0) {
      this.bars?.stop();
      this.bars = undefined;
    }
    this.info(line);
  }
}

/** Least time between two lines of one task where there is no terminal, in milliseconds. */
const lineInterval = 5_000;

class LineReporter implements Reporter {
  constructor(private readonly stream: NodeJS.WriteStream) {}

  info(text: string): void {
    this.stream.write(`${text}\n`);
  }

  warn(text: string): void {
    this.info(`warning: ${text}`);
  }

  progress(title: string): Progress {
    const began = Date.now();
    let last = began;
    let known: { done?: number; total?: number; text?: string } = {};
    return {
      update: (state) => {
        known = { ...known, ...state };
        if (Date.now() - last >= lineInterval) {
          last = Date.now();
          const count = known.total === undefined ? "" : ` ${known.done ?? 0} of ${known.total}`;
          this.info(`  ${title}:${count}${known.text === undefined ? "" : ` ${known.text}`}`);
        }
      },
      done: (text) => this.info(`  ${title}: ${text ?? "done"}`),
      fail: (text) => this.info(`  ${title}: failed: ${text}`),
    };
  }
}
