import type { ResourceHookArgs } from "@pulumi/pulumi";
import {
  RegisterResourceResponse,
  SupportsFeatureResponse,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  type SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Hook, PlainValue, Registration } from "./desiredState";
import { plainValues } from "./plainValue";
import { readRegistration, urnOf } from "./registration";

type Answer<T> = (error: Error | null, response?: T) => void;

/** A hook as the SDK hands it to its callback server. */
interface ProgramHook {
  readonly name: string;
  readonly callback: (args: ResourceHookArgs) => void | Promise<void>;
  readonly opts?: { readonly onDryRun?: boolean; readonly ignoreErrors?: boolean };
}

/** What the SDK may ask for, and whether it is collected. A feature that is not listed is an error. */
const FEATURES: Readonly<Record<string, boolean>> = {
  secrets: true,
  resourceReferences: true,
  deletedWith: true,
  replaceWith: true,
  aliasSpecs: true,
  resourceHooks: true,
  // Output values are for components of other languages; transforms would change what was registered; package
  // references and error hooks have no place in a registration. A program that needs one gets the SDK's own error.
  outputValues: false,
  transforms: false,
  invokeTransforms: false,
  parameterization: false,
  errorHooks: false,
};

/** Calls of the protocol that need a real engine. */
const REFUSED = [
  "getDeploymentInfo",
  "invoke",
  "call",
  "readResource",
  "existsResource",
  "registerStackTransform",
  "registerStackInvokeTransform",
  "registerErrorHook",
  "registerPackage",
] as const;

/**
 * Stands in for the engine's resource monitor inside the program's own process: answers as a preview of a first
 * deployment does (URNs known, ids and computed outputs not) and keeps everything that is registered.
 */
export class RecordingMonitor {
  public readonly registrations: Registration[] = [];
  public readonly hooks = new Map<string, Hook>();
  /** Refusals, also where the program swallowed the error that it got. */
  public readonly refusals: Error[] = [];
  public outputs: Readonly<Record<string, PlainValue>> = {};
  readonly #urns = new Set<string>();
  readonly #rootUrn: string;

  public constructor(
    private readonly project: string,
    private readonly stack: string,
  ) {
    this.#rootUrn = urnOf(project, stack, undefined, "pulumi:pulumi:Stack", `${project}-${stack}`);
    for (const call of REFUSED) {
      Object.defineProperty(this, call, {
        value: (_request: unknown, answer: Answer<never>) => {
          this.#refuse(answer, new Error(`The program uses "${call}", which needs a real engine`));
        },
      });
    }
  }

  public supportsFeature(
    request: SupportsFeatureRequest,
    answer: Answer<SupportsFeatureResponse>,
  ): void {
    const supported = FEATURES[request.getId()];
    if (supported === undefined) {
      this.#refuse(answer, new Error(`The SDK asks for the unknown feature "${request.getId()}"`));
      return;
    }
    const response = new SupportsFeatureResponse();
    response.setHassupport(supported);
    answer(null, response);
  }

  public registerResource(
    request: RegisterResourceRequest,
    answer: Answer<RegisterResourceResponse>,
  ): void {
    const parent = request.getParent() === "" ? undefined : request.getParent();
    const urn = urnOf(this.project, this.stack, parent, request.getType(), request.getName());
    try {
      if (this.#urns.has(urn)) {
        throw new Error(`${request.getType()} "${request.getName()}" is registered twice`);
      }
      this.#urns.add(urn);
      this.registrations.push(readRegistration(request, urn));
    } catch (error) {
      this.#refuse(answer, error as Error);
      return;
    }
    const response = new RegisterResourceResponse();
    response.setUrn(urn);
    response.setObject(request.getObject());
    answer(null, response);
  }

  public registerResourceOutputs(
    request: RegisterResourceOutputsRequest,
    answer: Answer<undefined>,
  ): void {
    if (request.getUrn() === this.#rootUrn) {
      try {
        this.outputs = plainValues(request.getOutputs()?.toJavaScript() ?? {}).values;
      } catch (error) {
        this.#refuse(answer, error as Error);
        return;
      }
    }
    answer(null);
  }

  /**
   * Takes the place of the SDK's callback server, which would open a port for the engine: here the hook is called
   * directly.
   */
  public async registerResourceHook(hook: ProgramHook): Promise<void> {
    if (this.hooks.has(hook.name)) {
      throw new Error(`The hook "${hook.name}" is registered twice`);
    }
    this.hooks.set(hook.name, {
      name: hook.name,
      onDryRun: hook.opts?.onDryRun ?? false,
      ignoreErrors: hook.opts?.ignoreErrors ?? false,
      call: async (args) => hook.callback(args),
    });
  }

  public async awaitStackRegistrations(): Promise<void> {}

  /** Called by the SDK when the program is over. */
  public close(): void {}

  public shutdown(): void {}

  #refuse(answer: Answer<never>, error: Error): void {
    this.refusals.push(error);
    answer(error);
  }
}
