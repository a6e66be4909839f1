import type { PlainValue } from "./program/desiredState";
import { EngineFailure } from "./failure";

type Properties = Readonly<Record<string, PlainValue>>;

/** An entry of the engine's state. Fields that are not named here are kept as they are. */
export interface StateEntry {
  readonly urn: string;
  readonly custom: boolean;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
  readonly parent?: string;
  readonly protect?: boolean;
  /** The old one of a replacement that was not finished. */
  readonly delete?: boolean;
  readonly external?: boolean;
  /** `<urn of the provider>::<id of the provider>`. */
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly deletedWith?: string;
  readonly retainOnDelete?: boolean;
  readonly ignoreChanges?: readonly string[];
}

/** An operation that was under way when a run died. */
export interface PendingOperation {
  /** creating, updating, deleting, reading or importing. */
  readonly type: string;
  readonly resource: StateEntry;
}

export interface Deployment {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly resources?: readonly StateEntry[];
  readonly pending_operations?: readonly PendingOperation[];
}

/** What `pulumi stack export` prints and `pulumi stack import` reads. Secrets in it are encrypted. */
export interface StateDocument {
  readonly version: number;
  readonly deployment: Deployment;
}

/** The layout that is read and written; the CLI exports it since 1.0 unless the state uses newer features. */
const knownVersions: readonly number[] = [3, 4];

/** @throws EngineFailure when the text is no state document of a known version. */
export function parseState(text: string): StateDocument {
  const document = JSON.parse(text) as Partial<StateDocument>;
  if (document.deployment === undefined || !knownVersions.includes(document.version ?? 0)) {
    const message =
      `The stack's state has layout version ${String(document.version)}; ` +
      `known are ${knownVersions.join(" and ")}. Nothing was changed.`;
    throw new EngineFailure("failed", message);
  }
  return document as StateDocument;
}

export function entriesOf(document: StateDocument): readonly StateEntry[] {
  return document.deployment.resources ?? [];
}

export function isProvider(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}
