import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { createReporter } from "../../cli/reporter";

function capture(isTTY: boolean): { stream: WriteStream; text(): string } {
  const through = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  });
  let text = "";
  through.on("data", (data: Buffer) => (text += data.toString()));
  return { stream: through as unknown as WriteStream, text: () => text };
}

describe("reporter", () => {
  it("writes plain lines where there is no terminal, one at the end of each task", () => {
    const { stream, text } = capture(false);
    const reporter = createReporter(stream);
    reporter.info("one");
    reporter.warn("two");
    const progress = reporter.progress("Building");
    progress.update({ done: 1, total: 4, text: "etcd" });
    progress.done("4 binaries");
    assert.equal(text(), "one\nwarning: two\n  Building: 4 binaries\n");
  });

  it("draws bars on a terminal and leaves one line per ended task, whichever ends first", () => {
    const { stream, text } = capture(true);
    const reporter = createReporter(stream);
    const first = reporter.progress("First");
    const second = reporter.progress("Second");
    first.update({ done: 1, total: 2 });
    second.update({ text: "working" });
    second.done();
    second.fail("a task ends once");
    first.fail("no disk left");
    reporter.info("after");
    assert.match(text(), / {2}Second: done\n/);
    assert.match(text(), / {2}First: failed: no disk left\n/);
    assert.doesNotMatch(text(), /a task ends once/);
    assert.ok(text().endsWith("after\n"));
  });
});
