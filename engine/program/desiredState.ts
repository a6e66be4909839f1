import type { ResourceHookArgs } from "@pulumi/pulumi";

/** A value as it would cross the wire: plain JSON. A secret stands as {@link SECRET_MARK}, never in clear. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** Stands in the place of every secret value. */
export const SECRET_MARK = "[secret]";

/** Stands in stack outputs in the place of a value that only a deployment computes. Never in an input. */
export const UNKNOWN_MARK = "[unknown]";

/** One registration of the program, with every option that was given; one that is not listed is refused. */
export interface Registration {
  readonly urn: string;
  /** Type token, e.g. `kubernetes:storage.k8s.io/v1:StorageClass`. */
  readonly type: string;
  readonly name: string;
  /** False for components (and the stack itself). */
  readonly custom: boolean;
  /** True for `pulumi:providers:*`. */
  readonly isProvider: boolean;
  readonly inputs: Readonly<Record<string, PlainValue>>;
  /** Paths of inputs that are secret. */
  readonly secretInputs: readonly string[];
  readonly parent: string | undefined;
  /** URN of the explicit provider; undefined for components and providers. */
  readonly provider: string | undefined;
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly aliases: readonly PlainValue[];
  readonly version: string | undefined;
  /** Providers handed on by a component, URN by package; absent when none. */
  readonly providers?: Readonly<Record<string, string>>;
  /** Outputs to be kept secret although the provider does not say so; absent when none. */
  readonly additionalSecretOutputs?: readonly string[];
  /** Names of hooks by moment, e.g. `{beforeCreate: ["pre-24.1 taken once"]}`. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

export interface Hook {
  readonly name: string;
  /** Whether a preview calls it, too. */
  readonly onDryRun: boolean;
  /** Whether its failure is a warning only. */
  readonly ignoreErrors?: boolean;
  /** Rejects with the hook's own message. */
  call(args: ResourceHookArgs): Promise<void>;
}

/** All that the program declares: registrations in order, stack outputs, hooks by name. */
export interface DesiredState {
  readonly project: string;
  readonly stack: string;
  readonly registrations: readonly Registration[];
  readonly outputs: Readonly<Record<string, PlainValue>>;
  readonly hooks: ReadonlyMap<string, Hook>;
}
