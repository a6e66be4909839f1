import assert from "node:assert/strict";
import type { DesiredState, Registration } from "../../engine/program/desiredState";
import { runProgram } from "../../engine/program/runProgram";

export interface RecordOptions {
  /** Name of the stack; default `test`. */
  readonly stack?: string;
  /** Configuration by key with namespace. */
  readonly config?: Readonly<Record<string, string>>;
  readonly secretKeys?: readonly string[];
}

/** Runs `program` as a stack's program and keeps what it registers, with all options. Fresh for each call. */
export async function record(
  program: () => unknown,
  options: RecordOptions = {},
): Promise<Recording> {
  return new Recording(
    await runProgram({
      project: "atom-backup",
      stack: options.stack ?? "test",
      config: options.config ?? {},
      secretKeys: options.secretKeys ?? [],
      program,
    }),
  );
}

export class Recording {
  public constructor(public readonly state: DesiredState) {}

  /** Types and names in the order of registration, the stack itself left out. */
  public get names(): string[] {
    return this.state.registrations
      .filter((one) => one.type !== "pulumi:pulumi:Stack")
      .map((one) => `${one.type} ${one.name}`);
  }

  /** The one registration of that type and name. */
  public one(type: string, name: string): Registration {
    const found = this.state.registrations.filter((one) => one.type === type && one.name === name);
    assert.equal(found.length, 1, `${type} ${name} among:\n${this.names.join("\n")}`);
    return found[0] as Registration;
  }

  /** Calls the hooks of a registration at that moment, in order. */
  public async callHooks(
    registration: Registration,
    moment: string,
    call: { readonly id?: string } = {},
  ): Promise<void> {
    for (const name of registration.hooks[moment] ?? []) {
      const hook = this.state.hooks.get(name);
      assert.ok(hook, `hook "${name}" is registered`);
      await hook.call({
        urn: registration.urn,
        id: call.id ?? "",
        name: registration.name,
        type: registration.type,
        newInputs: registration.inputs,
      });
    }
  }
}

/** The registration without the plugin's version, which is package.json's to say. */
export function withoutVersion(registration: Registration): Omit<Registration, "version"> {
  const copy: { version?: string | undefined } & Registration = { ...registration };
  delete copy.version;
  return copy;
}

/** What every registration without options of its own carries: to be spread into an expectation. */
export const NO_OPTIONS = {
  dependsOn: [],
  protect: false,
  retainOnDelete: false,
  deleteBeforeReplace: false,
  replaceOnChanges: [],
  ignoreChanges: [],
  aliases: [],
  hooks: {},
  secretInputs: [],
} as const;
