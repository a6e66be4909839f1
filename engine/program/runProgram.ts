import * as pulumi from "@pulumi/pulumi";
import * as settings from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import type { DesiredState, Registration } from "./desiredState";
import { RecordingMonitor } from "./monitor";

/** Parts of the SDK's runtime that it exports without declaring them. */
const internals = { ...settings, ...state } as unknown as {
  awaitFeatureSupport(): Promise<void>;
  waitForRPCs(): Promise<void>;
  getStore(): { callbacks: unknown; leakCandidates: Set<unknown> };
};

/** Why a program could not be collected. Only the message is for people. */
export class CollectError extends Error {
  override readonly name = "CollectError";

  /** @param kind `program`: the program refused its configuration; `internal`: it is not compiled, or it is wrong */
  constructor(
    readonly kind: "program" | "internal",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ProgramRun {
  readonly project: string;
  readonly stack: string;
  /** Keys with namespace, values as the engine hands them over. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys with namespace. */
  readonly secretKeys: readonly string[];
  /** Declares the resources; what it returns are the stack's outputs. */
  readonly program: () => unknown;
}

let running = false;

/**
 * Runs a Pulumi program in this process as a preview of a first deployment would, and returns what it declares. The
 * SDK's runtime is global to a process: several runs in sequence are fine, two at once are refused.
 *
 * @throws CollectError
 */
export async function runProgram(run: ProgramRun): Promise<DesiredState> {
  if (running) {
    throw new CollectError("internal", "Two programs cannot be collected at once in one process");
  }
  running = true;
  const rejections = catchRejections();
  const release = hushProgram();
  try {
    const monitor = new RecordingMonitor(run.project, run.stack);
    settings.setMockOptions(monitor, run.project, run.stack, true, "organization");
    internals.getStore().callbacks = monitor;
    pulumi.runtime.setAllConfig({ ...run.config }, [...run.secretKeys]);
    const order = new ConstructionOrder();
    const failure = await attempt(() => {
      order.watch();
      return run.program();
    });
    await rejections.settled();
    const [first] = [failure, ...monitor.refusals, ...rejections.errors].filter(
      (error) => error !== undefined,
    );
    if (first !== undefined) {
      throw collectError(first);
    }
    return {
      project: run.project,
      stack: run.stack,
      registrations: order.sort(monitor.registrations),
      outputs: monitor.outputs,
      hooks: monitor.hooks,
    };
  } finally {
    release();
    rejections.stop();
    settings.disconnectSync();
    // Neither configuration nor monitor may reach a later run, nor a secret stay in memory longer than needed.
    pulumi.runtime.setAllConfig({}, []);
    // A program that was refused leaves promises open; the SDK would fail the whole process for them at its end.
    internals.getStore().leakCandidates = new Set();
    running = false;
  }
}

/**
 * Registrations arrive in the order in which their inputs resolve, which says nothing; the order in which the program
 * constructs its resources is the order of its story.
 */
class ConstructionOrder {
  readonly #positions = new Map<string, number>();

  /** To be called inside the run, before the first resource. */
  public watch(): void {
    pulumi.runtime.registerStackTransformation(({ type, name }) => {
      const key = `${type} ${name}`;
      this.#positions.set(key, this.#positions.get(key) ?? this.#positions.size);
      return undefined;
    });
  }

  /** The stack itself, which is constructed before the watch begins, stays first. */
  public sort(registrations: readonly Registration[]): Registration[] {
    const position = ({ type, name }: Registration): number =>
      this.#positions.get(`${type} ${name}`) ?? -1;
    return [...registrations].sort((one, two) => position(one) - position(two));
  }
}

async function attempt(program: () => unknown): Promise<unknown> {
  try {
    await internals.awaitFeatureSupport();
    await pulumi.runtime.runInPulumiStack(async () => program());
    await internals.waitForRPCs();
    return undefined;
  } catch (error) {
    return error;
  }
}

function collectError(error: unknown): CollectError {
  if (error instanceof CollectError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const kind = pulumi.RunError.isInstance(error) ? "program" : "internal";
  return new CollectError(kind, message, { cause: error });
}

/**
 * The SDK reports a failed registration as an unhandled rejection, on which Node would end the process. Other listeners
 * are set aside meanwhile: they would take the program's failure for one of their own.
 */
function catchRejections() {
  const others = process.listeners("unhandledRejection");
  const errors: unknown[] = [];
  const listener = (reason: unknown): void => {
    errors.push(reason);
  };
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listener);
  return {
    errors,
    // Node reports them once the queue of microtasks is empty, which a turn of the event loop waits for.
    settled: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
    stop: (): void => {
      process.removeListener("unhandledRejection", listener);
      for (const other of others) {
        process.on("unhandledRejection", other);
      }
    },
  };
}

const SDK_MESSAGE = /^(?:info|warning|error): \[runtime\] /;

/**
 * Without an engine the SDK prints the program's messages to the console, on standard output, too, where a command's own
 * document stands: they are left out for the time of a run, and everything else that is printed passes.
 *
 * @returns ends it
 */
function hushProgram(): () => void {
  const methods = ["log", "warn", "error"] as const;
  const original = methods.map((name) => [name, console[name]] as const);
  for (const [name, print] of original) {
    console[name] = (...data: unknown[]): void => {
      if (typeof data[0] !== "string" || !SDK_MESSAGE.test(data[0])) {
        print(...data);
      }
    };
  }
  return () => void Object.assign(console, Object.fromEntries(original));
}
