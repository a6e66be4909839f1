import type { PlainValue } from "../../host/desiredState";

/** State of a resource as an event tells it; secrets stand as `[secret]`. */
export interface EventState {
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, PlainValue>>;
  readonly outputs?: Readonly<Record<string, PlainValue>>;
}

/** One step of the engine, the part of its metadata that is read here. */
export interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old?: EventState | null;
  readonly new?: EventState | null;
  /** Keys that make the provider replace. */
  readonly keys?: readonly string[];
  readonly diffs?: readonly string[];
  readonly detailedDiff?: Readonly<
    Record<string, { readonly diffKind: string; readonly inputDiff: boolean }>
  > | null;
}

/** A line of `up --json` or of the streamed `preview --json`: one event of the engine. */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly prefix?: string;
    readonly message: string;
    readonly severity: string;
    readonly ephemeral?: boolean;
  };
  readonly summaryEvent?: { readonly resourceChanges?: Readonly<Record<string, number>> };
}

/** Reads one line; undefined for a line that is no event (a plugin may write to standard output, too). */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) {
    return undefined;
  }
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}
