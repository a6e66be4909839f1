import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** How often a growing file is looked at, in milliseconds. */
const pollMs = 100;

/** Reads the lines of a file while another process still writes it. */
export class LineReader {
  private readonly file: number;
  private readonly decoder = new StringDecoder("utf8");
  private readonly buffer = Buffer.alloc(64 * 1024);
  private rest = "";
  private readonly timer: NodeJS.Timeout;

  /** The file has to exist; `onLine` gets each complete line without its end. */
  constructor(
    path: string,
    private readonly onLine: (line: string) => void,
  ) {
    this.file = openSync(path, "r");
    this.timer = setInterval(() => this.read(), pollMs);
  }

  /** Reads what is left, an unended last line too, and closes. */
  end(): void {
    clearInterval(this.timer);
    try {
      this.read();
      if (this.rest !== "") {
        this.onLine(this.rest);
      }
    } finally {
      closeSync(this.file);
    }
  }

  private read(): void {
    for (;;) {
      const count = readSync(this.file, this.buffer, 0, this.buffer.length, null);
      if (count === 0) {
        return;
      }
      const lines = (this.rest + this.decoder.write(this.buffer.subarray(0, count))).split("\n");
      this.rest = lines.pop() ?? "";
      lines.forEach((line) => this.onLine(line));
    }
  }
}
