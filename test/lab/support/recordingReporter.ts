import type { Reporter } from "../../../clients/reporter";

/** A reporter that keeps what was said. */
export interface RecordingReporter extends Reporter {
  readonly said: string[];
  readonly updates: { done?: number; total?: number; text?: string }[];
}

export function recordingReporter(): RecordingReporter {
  const said: string[] = [];
  const updates: RecordingReporter["updates"] = [];
  return {
    said,
    updates,
    info: (text) => said.push(text),
    warn: (text) => said.push(text),
    progress: () => ({
      update: (state) => updates.push({ ...state }),
      done: () => said.push("done"),
      fail: (text) => said.push(text),
    }),
  };
}
