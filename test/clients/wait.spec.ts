import assert from "node:assert/strict";

import { waitFor, within } from "../../clients/wait";

describe("waiting", () => {
  it("asks until there is an answer", async () => {
    let asked = 0;
    const ask = () => Promise.resolve((asked += 1) === 3 ? "there" : undefined);
    assert.equal(await waitFor(ask, { pauseMs: 1 }), "there");
    assert.equal(asked, 3);
  });

  it("ends at its limit without waiting out a longer pause, and asks at least once", async () => {
    let asked = 0;
    const ask = () => Promise.resolve(void (asked += 1));
    const began = performance.now();
    assert.equal(await waitFor(ask, { pauseMs: 60_000, timeoutMs: 20 }), undefined);
    assert.ok(performance.now() - began < 30_000);
    assert.ok(asked === 2 || asked === 3, `${asked}`);
    asked = 0;
    assert.equal(await waitFor(ask, { pauseMs: 60_000, timeoutMs: 0 }), undefined);
    assert.equal(asked, 1);
  });

  it("ends with the signal's reason, in a pause as well", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped by the operator");
    const waiting = waitFor(() => Promise.resolve(undefined), {
      pauseMs: 60_000,
      signal: stop.signal,
    });
    setImmediate(() => stop.abort(reason));
    await assert.rejects(waiting, reason);
  });

  it("gives up on work that does not end, and passes on what does", async () => {
    const late = () => new Error("too late");
    await assert.rejects(within(5, new Promise(() => {}), late), /too late/);
    assert.equal(await within(60_000, Promise.resolve(1), late), 1);
    await assert.rejects(within(60_000, Promise.reject(new Error("own")), late), /own/);
  });
});
