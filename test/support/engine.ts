import { spawn } from "node:child_process";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { SetRootResourceResponse, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  RegisterResourceResponse,
  ResourceHookRequest,
  ResourceHookResponse,
  SupportsFeatureResponse,
  type RegisterResourceHookRequest,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  type SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PlainValue, Registration } from "../../engine/program/desiredState";
import { plainValues } from "../../engine/program/plainValue";
import { readRegistration, urnOf } from "../../engine/program/registration";

const PROJECT = "atom-backup";

/** What the program did over the engine's own protocol. */
export interface EngineRun {
  readonly exitCode: number | null;
  /** Standard output and standard error of the program's process. */
  readonly printed: string;
  /** Engine.Log lines with their severity, debug lines included. */
  readonly log: readonly { readonly severity: number; readonly message: string }[];
  readonly registrations: readonly Registration[];
  readonly outputs: Readonly<Record<string, PlainValue>>;
  /** Hooks by name: whether a preview calls them. */
  readonly hooks: ReadonlyMap<string, { readonly onDryRun: boolean }>;
  /** What hooks of moment `beforeCreate` answered that the engine has called: nothing, or the error. */
  readonly hookErrors: readonly string[];
}

export interface EngineOptions {
  readonly root: string;
  readonly stack: string;
  /** Keys with namespace. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** Whether the program is compiled as it runs, as for somebody who uses the CLI by hand; default as `./atom` runs it. */
  readonly sources?: boolean;
  /** Whether the engine means to create what is registered, and so calls `beforeCreate` hooks that run in previews. */
  readonly callHooks?: boolean;
}

/**
 * Runs the program as the Pulumi CLI does, `@pulumi/pulumi/cmd/run` over gRPC, against a double of the engine that
 * answers as a preview of a first deployment would. It proves registrations, not what an engine makes of them.
 */
export async function runOverEngine(options: EngineOptions): Promise<EngineRun> {
  const double = new EngineDouble(options);
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(ResourceMonitorService, double.monitor());
  server.addService(EngineService, double.engine());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    const { exitCode, printed } = await runProgramProcess(options, `127.0.0.1:${port}`);
    return { exitCode, printed, ...double };
  } finally {
    server.forceShutdown();
  }
}

function runProgramProcess(
  options: EngineOptions,
  address: string,
): Promise<{ exitCode: number | null; printed: string }> {
  const { root, sources = false } = options;
  const run = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run");
  const child = spawn(
    process.execPath,
    [
      run,
      ...["--monitor", address, "--engine", address],
      ...["--organization", "organization", "--project", PROJECT, "--stack", options.stack],
      ...["--root-directory", root, "--pwd", root],
      ...["--dry-run", "--parallel", "16"],
      sources ? "." : join(root, "dist", "index.js"),
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      // Node 20 takes half a minute to print an error that nobody caught; a test should not.
      timeout: 60_000,
      killSignal: "SIGKILL",
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(options.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretKeys),
        PULUMI_NODEJS_TYPESCRIPT: String(sources),
        PULUMI_NODEJS_TSCONFIG_PATH: join(root, "tsconfig.program.json"),
      },
    },
  );
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, printed }));
  });
}

type Answer<T> = grpc.sendUnaryData<T>;

class EngineDouble {
  public readonly log: { severity: number; message: string }[] = [];
  public readonly registrations: Registration[] = [];
  public readonly hooks = new Map<string, { onDryRun: boolean }>();
  public readonly hookErrors: string[] = [];
  public outputs: Readonly<Record<string, PlainValue>> = {};
  readonly #callbacks = new Map<string, { target: string; token: string }>();
  readonly #options: EngineOptions;

  public constructor(options: EngineOptions) {
    this.#options = options;
  }

  public engine(): grpc.UntypedServiceImplementation {
    return {
      log: (call: { request: LogRequest }, answer: Answer<Empty>) => {
        this.log.push({
          severity: call.request.getSeverity(),
          message: call.request.getMessage(),
        });
        answer(null, new Empty());
      },
      setRootResource: (_call: unknown, answer: Answer<SetRootResourceResponse>) =>
        answer(null, new SetRootResourceResponse()),
    };
  }

  public monitor(): grpc.UntypedServiceImplementation {
    return {
      supportsFeature: (
        call: { request: SupportsFeatureRequest },
        answer: Answer<SupportsFeatureResponse>,
      ) => {
        const response = new SupportsFeatureResponse();
        response.setHassupport(call.request.getId() !== "outputValues");
        answer(null, response);
      },
      registerResource: (
        call: { request: RegisterResourceRequest },
        answer: Answer<RegisterResourceResponse>,
      ) => {
        this.#register(call.request).then(
          (response) => answer(null, response),
          (error: unknown) =>
            answer({ code: grpc.status.INVALID_ARGUMENT, details: String(error) }),
        );
      },
      registerResourceOutputs: (
        call: { request: RegisterResourceOutputsRequest },
        answer: Answer<Empty>,
      ) => {
        if (call.request.getUrn().includes("::pulumi:pulumi:Stack::")) {
          this.outputs = plainValues(call.request.getOutputs()?.toJavaScript() ?? {}).values;
        }
        answer(null, new Empty());
      },
      registerResourceHook: (
        call: { request: RegisterResourceHookRequest },
        answer: Answer<Empty>,
      ) => {
        const callback = call.request.getCallback();
        this.hooks.set(call.request.getName(), { onDryRun: call.request.getOnDryRun() });
        this.#callbacks.set(call.request.getName(), {
          target: callback?.getTarget() ?? "",
          token: callback?.getToken() ?? "",
        });
        answer(null, new Empty());
      },
      signalAndWaitForShutdown: (_call: unknown, answer: Answer<Empty>) =>
        answer(null, new Empty()),
    };
  }

  async #register(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const parent = request.getParent() === "" ? undefined : request.getParent();
    const urn = urnOf(PROJECT, this.#options.stack, parent, request.getType(), request.getName());
    const registration = readRegistration(request, urn);
    this.registrations.push(registration);
    if (this.#options.callHooks === true) {
      for (const name of registration.hooks["beforeCreate"] ?? []) {
        await this.#callHook(name, registration);
      }
    }
    const response = new RegisterResourceResponse();
    response.setUrn(urn);
    // As the real engine does: secrets come back in the answer.
    response.setObject(request.getObject());
    return response;
  }

  async #callHook(name: string, registration: Registration): Promise<void> {
    const callback = this.#callbacks.get(name);
    if (callback === undefined || this.hooks.get(name)?.onDryRun !== true) {
      return;
    }
    const hook = new ResourceHookRequest();
    hook.setUrn(registration.urn);
    hook.setName(registration.name);
    hook.setType(registration.type);
    const request = new CallbackInvokeRequest();
    request.setToken(callback.token);
    request.setRequest(hook.serializeBinary());
    const client = new CallbacksClient(callback.target, grpc.credentials.createInsecure());
    const answer = await new Promise<ResourceHookResponse>((resolve, reject) => {
      client.invoke(request, (error, response) =>
        error === null
          ? resolve(ResourceHookResponse.deserializeBinary(response.getResponse_asU8()))
          : reject(error),
      );
    });
    client.close();
    if (answer.getError() !== "") {
      this.hookErrors.push(answer.getError());
    }
  }
}
