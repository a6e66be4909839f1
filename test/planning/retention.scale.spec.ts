import * as fc from "fast-check";
import { checkHistory, histories } from "./support/retentionModel";

const RUNS = 10_000;

describe("retention of many random histories", () => {
  it(`agrees with a naive model on ${RUNS}`, () => {
    let checked = 0;
    fc.assert(
      fc.property(histories, (history) => {
        checkHistory(history);
        checked += 1;
      }),
      { numRuns: RUNS },
    );
    process.stderr.write(`${checked} random histories of retention checked\n`);
  });
});
