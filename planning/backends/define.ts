import type { ClassPlan, Companion, Options, RaisePlan } from "../plan";
import { brokenRules, problemOf, type Rule } from "../problem";
import type { StorageClassSpec } from "../site";
import { type StorageModel, verdict } from "../survival/verdict";
import type { StorageBackend, StorageRequest } from "./backend";
import { PARAMETERS, parameterRules, parametersOf } from "./options";

type Parameters = Readonly<Record<string, string>>;

/** Steps of a fail-over by hand that most backends share. */
export const BY_HAND = {
  switchOff: "switch NODE off, or see that it is: while it runs it may go on writing",
  taint: "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
  wait: "wait until the pods run on another node",
  untaint: "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
} as const;

/** What moves workloads without a person, or what is missing for it and what is allowed instead. */
export type Automatic =
  | { readonly mechanism: string; readonly rebuilds: string }
  /** `instead` follows on "Allowed: manual". */
  | { readonly missing: string; readonly instead?: string };

/** What tells one backend from another; the rest of a {@link StorageBackend} follows from it. */
export interface BackendDefinition extends Pick<
  StorageBackend,
  "id" | "title" | "limits" | "unverified" | "harmless" | "clusterChecks" | "observation"
> {
  readonly options?: StorageBackend["options"];
  readonly classOptions?: StorageBackend["classOptions"];
  readonly provisioner: string | ((options: Options) => string);
  rules(request: StorageRequest): readonly Rule[];
  /** Parameters of a class, the file system and further ones not counted. */
  parameters(request: StorageRequest, spec: StorageClassSpec): Parameters;
  /** Parameters that follow from all others. */
  lastParameters?(all: Parameters, spec: StorageClassSpec): Parameters;
  /** Undefined by default: every node reaches a volume over the network, so terms would restrict pods and no copy. */
  allowedTopologies?(request: StorageRequest): ClassPlan["allowedTopologies"];
  /** `WaitForFirstConsumer` by default. */
  bindingMode?(options: Options): ClassPlan["volumeBindingMode"];
  /** Whether copies are spread over sites as well as can be, and no more: never by default. */
  soft?(options: Options): boolean;
  companions?(request: StorageRequest): readonly Companion[];
  /** Whether the driver has snapshots: by default it does. */
  hasSnapshots?(options: Options): boolean;
  /** None by default. */
  snapshotParameters?(request: StorageRequest): Parameters;
  /** Undefined where the driver has no group snapshots in this version. */
  groupParameters?(request: StorageRequest): Parameters | undefined;
  automatic(request: StorageRequest): Automatic;
  /** Why fail-over is manual: by default because it is configured so. */
  readonly manualWhy?: string;
  manualSteps(options: Options): readonly string[];
  /** @param automatic Whether a mechanism starts workloads elsewhere. */
  model(request: StorageRequest, automatic: boolean): StorageModel;
  /** Existing volumes stay as they are by default, and no command changes that. */
  raiseFactor?(request: StorageRequest): RaisePlan;
}

/** Makes a backend of what tells it from others. */
export function defineBackend(own: BackendDefinition): StorageBackend {
  const { id, title, limits, unverified, harmless } = own;
  const provisioner = (given: Options): string =>
    typeof own.provisioner === "string" ? own.provisioner : own.provisioner(given);
  const failover: StorageBackend["failover"] = (request) => {
    const { site } = request;
    if (site.failover === "manual") {
      const why = own.manualWhy ?? "failover: manual is configured";
      return { mode: "manual", why, steps: own.manualSteps(site.backendOptions) };
    }
    const plan = own.automatic(request);
    if ("mechanism" in plan) {
      return { mode: "automatic", ...plan };
    }
    const rule: Rule = [true, "failover", plan.missing, `manual${plan.instead ?? ""}`];
    return { refused: problemOf(site, rule) };
  };
  const classParameters = (request: StorageRequest, spec: StorageClassSpec): Parameters => {
    const all = {
      ...parametersOf(request.site.backendOptions),
      ...parametersOf(spec.options),
      ...own.parameters(request, spec),
      // The key that the external provisioner reads; it refuses two keys at once.
      ...(spec.fsType === undefined ? {} : { "csi.storage.k8s.io/fstype": spec.fsType }),
    };
    return { ...all, ...own.lastParameters?.(all, spec) };
  };
  const snapshotClass = ({ site }: StorageRequest, parameters: Parameters) => ({
    name: site.snapshots.className,
    driver: provisioner(site.backendOptions),
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters,
  });
  return {
    id,
    title,
    limits,
    unverified,
    harmless,
    options: { ...own.options, parameters: PARAMETERS },
    classOptions: { ...own.classOptions, parameters: PARAMETERS },
    provisioner,
    soft: own.soft ?? (() => false),
    check: (request) =>
      brokenRules(request.site, [
        ...own.rules(request),
        ...parameterRules(request.site, (spec) => own.parameters(request, spec), harmless),
      ]),
    storageClass: (request, spec) => ({
      spec,
      provisioner: provisioner(request.site.backendOptions),
      parameters: classParameters(request, spec),
      allowedTopologies: own.allowedTopologies?.(request),
      volumeBindingMode: own.bindingMode?.(request.site.backendOptions) ?? "WaitForFirstConsumer",
      mountOptions: spec.mountOptions,
    }),
    companions: (request) => own.companions?.(request) ?? [],
    snapshotClass: (request) => {
      const parameters = own.snapshotParameters?.(request) ?? {};
      return own.hasSnapshots?.(request.site.backendOptions) === false
        ? undefined
        : snapshotClass(request, parameters);
    },
    groupSnapshotClass: (request) => {
      const parameters = own.groupParameters?.(request);
      return parameters === undefined ? undefined : snapshotClass(request, parameters);
    },
    failover,
    survival: (request, loss) => {
      const { site, topology } = request;
      const plan = failover(request);
      const automatic = "mode" in plan && plan.mode === "automatic";
      const model = own.model(request, automatic);
      return verdict({ topology, factor: site.replicationFactor, automatic }, model, loss);
    },
    raiseFactor:
      own.raiseFactor?.bind(own) ?? (() => ({ existingVolumes: "unchanged", command: undefined })),
    clusterChecks: own.clusterChecks,
    observation: own.observation,
  };
}
