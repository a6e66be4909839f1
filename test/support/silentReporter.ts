import type { Progress, Reporter } from "../../clients/reporter";

const silentProgress: Progress = { update: () => {}, done: () => {}, fail: () => {} };

/** Says nothing. */
export const silentReporter: Reporter = {
  info: () => {},
  warn: () => {},
  progress: () => silentProgress,
};
