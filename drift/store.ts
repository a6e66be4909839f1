import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import { writeAtomically } from "../config/atomicFile";
import type { JournalEntry, StateFile } from "./stateFile";
import { parseJournal, parseStateFile } from "./stateFile";
import type { DeployedResource, DeployedState, PendingStep, StepKind } from "./types";

export interface LabStoreOptions {
  /** Folder of the lab, `.lab`. */
  readonly labDir: string;
  readonly stack: string;
}

/**
 * The record of what was deployed into the lab: `state.json`, and beside it a journal that every step is written to
 * before it starts and after it ends. A step costs one line, however much is deployed, and a SIGKILL between any two
 * lines leaves a record that the next deployment goes on from.
 */
export class LabStore {
  private readonly file: string;
  private readonly journal: string;
  private readonly backup: string;
  private readonly resources = new Map<string, DeployedResource>();
  /** By URN; several where snapshots are cut at once. */
  private readonly begun = new Map<string, PendingStep>();

  private constructor(private readonly options: LabStoreOptions) {
    this.file = join(options.labDir, "state.json");
    this.backup = join(options.labDir, "state.json.bak");
    this.journal = join(options.labDir, "state.journal");
  }

  /** @throws StateError when a file is damaged or belongs to another stack; nothing is changed then */
  static open(options: LabStoreOptions): LabStore {
    const store = new LabStore(options);
    store.read();
    return store;
  }

  load(): DeployedState {
    const resources = [...this.resources.values()];
    const pending = [...this.begun.values()];
    return { way: "lab", resources, ...(pending.length === 0 ? {} : { pending }) };
  }

  /** What is recorded of one resource. */
  find(urn: string): DeployedResource | undefined {
    return this.resources.get(urn);
  }

  begin(urn: string, kind: StepKind, at: Date): void {
    this.beginAll([{ urn, kind }], at);
  }

  /** In one write: what is begun together costs no more than one step. */
  beginAll(steps: readonly { readonly urn: string; readonly kind: StepKind }[], at: Date): void {
    this.append(steps.map(({ urn, kind }) => ({ op: "begin", urn, kind, at: at.toISOString() })));
  }

  record(resource: DeployedResource): void {
    this.recordAll([resource]);
  }

  /** In one write. */
  recordAll(resources: readonly DeployedResource[]): void {
    this.append(resources.map((resource) => ({ op: "record", resource })));
  }

  drop(urn: string): void {
    this.dropAll([urn]);
  }

  /** In one write. */
  dropAll(urns: readonly string[]): void {
    this.append(urns.map((urn) => ({ op: "drop", urn })));
  }

  /** Folds the journal into the state file; the file before it is kept as `state.json.bak`. */
  fold(): void {
    const { stack } = this.options;
    const state: StateFile = { version: 1, stack, resources: [...this.resources.values()] };
    if (existsSync(this.file)) {
      copyFileSync(this.file, this.backup);
    }
    writeAtomically(this.file, `${JSON.stringify(state, null, 2)}\n`);
    // Killed before this line, the journal is read again over the new file, to the same end.
    rmSync(this.journal, { force: true });
    this.append([...this.begun.values()].map((step) => ({ op: "begin", ...step })));
  }

  private read(): void {
    const { stack } = this.options;
    const remedy = existsSync(this.backup)
      ? `The record before the last deployment is ${this.backup}; without a record, what carries our mark is taken over.`
      : "Without this file, what is live and carries our mark is taken over by the next deployment.";
    const text = readIfThere(this.file);
    const state =
      text === undefined ? undefined : parseStateFile(text, stack, { file: this.file, remedy });
    state?.resources.forEach((resource) => this.resources.set(resource.urn, resource));
    const source = { file: this.journal, remedy };
    const entries = parseJournal(readIfThere(this.journal) ?? "", stack, source);
    entries.forEach((entry) => this.apply(entry));
  }

  private append(entries: readonly JournalEntry[]): void {
    if (entries.length === 0) {
      return;
    }
    mkdirSync(this.options.labDir, { recursive: true });
    const file = openSync(this.journal, "a", 0o600);
    try {
      writeSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    entries.forEach((entry) => this.apply(entry));
  }

  private apply(entry: JournalEntry): void {
    switch (entry.op) {
      case "begin":
        this.begun.set(entry.urn, { urn: entry.urn, kind: entry.kind, at: entry.at });
        return;
      case "record":
        this.resources.set(entry.resource.urn, entry.resource);
        this.begun.delete(entry.resource.urn);
        return;
      case "drop":
        this.resources.delete(entry.urn);
        this.begun.delete(entry.urn);
        return;
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
