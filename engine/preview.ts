import { valueAt } from "../planning/valueAt";
import type { PlainValue } from "./program/desiredState";
import { EngineFailure } from "./failure";

export interface FieldChange {
  /** Path in the object, e.g. `parameters.replicas`. */
  readonly path: string;
  /** What is there; undefined when absent. */
  readonly from: PlainValue | undefined;
  /** What is declared; undefined when it is to go. */
  readonly to: PlainValue | undefined;
}

/** What the engine would do to one resource; a replacement counts as one. */
export type EngineOperation = (typeof operations)[number] | "other";

const operations = ["create", "update", "replace", "delete", "import"] as const;

export interface EngineStep {
  readonly op: EngineOperation;
  readonly urn: string;
  readonly type: string;
  /** Name of the resource, the last part of the URN. */
  readonly name: string;
  readonly changes: readonly FieldChange[];
}

/** A preview as the engine sees it: only resources to which something would happen. */
export interface EnginePreview {
  readonly steps: readonly EngineStep[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

type Properties = Readonly<Record<string, PlainValue>>;

/** The parts that are read of the document that `pulumi preview --json` prints; secrets in it are blinded. */
interface Digest {
  readonly steps?: readonly DigestStep[];
  readonly diagnostics?: readonly Readonly<
    Partial<Record<"urn" | "message" | "severity", string>>
  >[];
}

interface DigestStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: { readonly inputs?: Properties };
  readonly newState?: { readonly inputs?: Properties };
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** A plugin found on PATH instead of in the cache is worth no warning: sites without internet do that on purpose. */
const ambientPlugin = /^warning: using pulumi-\S+ from \$PATH/;

/** @throws EngineFailure when the text is no such document; `stderr` says why then. */
export function parsePreview(stdout: string, stderr: string): EnginePreview {
  const digest = parseDigest(stdout);
  if (digest === undefined) {
    throw new EngineFailure("failed", `pulumi preview printed no result.\n  ${stderr.trim()}`);
  }
  const latest = new Map<string, DigestStep>();
  for (const step of digest.steps ?? []) {
    // A refresh only says that it looked; what it found shows in the step that follows for the same resource.
    if (step.op !== "refresh" && step.op !== "read") {
      latest.set(step.urn, step);
    }
  }
  const diagnostics = digest.diagnostics ?? [];
  const saying = (severity: string): string[] => {
    const texts = diagnostics
      .filter((diagnostic) => diagnostic.severity === severity)
      .map(({ urn, message = "" }) => ({ urn, message: message.trim() }))
      .filter(({ message }) => message !== "" && !ambientPlugin.test(message))
      .map(({ urn, message }) => `${subject(urn)}${message}`);
    return [...new Set(texts)];
  };
  return {
    steps: [...latest.values()].filter(({ op }) => op !== "same").map(stepOf),
    errors: saying("error"),
    warnings: saying("warning"),
  };
}

/**
 * What would happen to live objects and providers. Components, the stack and a provider's first entry are bookkeeping of
 * the engine; a provider's change, though, may reach all its objects.
 */
export function liveSteps({ steps }: EnginePreview): EngineStep[] {
  return steps.filter(
    ({ type, op }) =>
      /^(kubernetes|vsphere):/.test(type) ||
      (type.startsWith("pulumi:providers:") && op !== "create"),
  );
}

function parseDigest(stdout: string): Digest | undefined {
  try {
    return JSON.parse(stdout) as Digest;
  } catch {
    return undefined;
  }
}

function stepOf({ op, urn, oldState, newState, detailedDiff }: DigestStep): EngineStep {
  const parts = urn.split("::");
  return {
    op: operations.find((known) => known === op) ?? "other",
    urn,
    type: parts[2]?.split("$").at(-1) ?? "",
    name: parts.slice(3).join("::"),
    changes: Object.keys(detailedDiff ?? {})
      .sort()
      .map((path) => ({
        path,
        from: valueAt(oldState?.inputs, path) as PlainValue | undefined,
        to: valueAt(newState?.inputs, path) as PlainValue | undefined,
      })),
  };
}

/** The resource that a message is about; the stack itself goes without saying. */
function subject(urn: string | undefined): string {
  const name = urn?.split("::").at(-1);
  return name === undefined || name === "" || urn?.includes("pulumi:pulumi:Stack::") === true
    ? ""
    : `${name}: `;
}
