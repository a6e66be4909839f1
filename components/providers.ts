import { RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as vsphere from "@pulumi/vsphere";

/**
 * The SDK writes each answer of the engine into a debug message, by turning it into text: with all inputs, secrets in
 * clear. `pulumi up --json`, `--event-log` and `--debug` show these messages. The text is used for nothing else, so an
 * answer says no more than what it is about.
 */
function muteAnswers(): void {
  RegisterResourceResponse.prototype.toString = function (this: RegisterResourceResponse): string {
    return `RegisterResourceResponse of ${this.getUrn()}`;
  };
}

/** Arguments of {@link kubernetesProvider}. */
export interface KubernetesProviderArgs {
  /**
   * Name under which the engine knows the cluster. Only a change of it replaces the provider, and every object with
   * it; without it a rotated certificate or a moved API server would do so. It is the stack's name and not the
   * cluster's UID, which is pinned only after the first deployment.
   * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#clusteridentifier_nodejs
   */
  readonly clusterIdentifier: string;
  /**
   * Context of the kubeconfig that `$KUBECONFIG` or `~/.kube/config` names.
   * @default the kubeconfig's current context
   */
  readonly context?: string;
}

/** Arguments of {@link vsphereProvider}. */
export interface VsphereProviderArgs {
  /** Host name or `host:port` of the vCenter. */
  readonly server: string;
  /** User who logs in, e.g. `atom-backup@vsphere.local`. */
  readonly user: string;
  /** Password of the user, always a secret. */
  readonly password: pulumi.Output<string>;
  /** Whether a certificate is accepted that no known authority has signed. */
  readonly allowUnverifiedSsl: boolean;
  /**
   * Limit of one vCenter task in minutes. A snapshot that runs into it stays as an orphan outside the state, so that it
   * has to be far above the provider's own 5.
   * @see https://github.com/vmware/terraform-provider-vsphere/blob/main/docs/index.md
   */
  readonly apiTimeoutMinutes: number;
}

/** The provider of every Kubernetes object of the program. */
export function kubernetesProvider(name: string, args: KubernetesProviderArgs): Provider {
  const inputs = {
    clusterIdentifier: args.clusterIdentifier,
    ...(args.context === undefined ? {} : { context: args.context }),
    enableServerSideApply: true,
    // All three would hide the truth: objects of an unreachable cluster dropped from the state, or called unchanged,
    // and foreign objects taken over silently (pulumi-kubernetes #1013, #2926).
    deleteUnreachable: false,
    skipUpdateUnreachable: false,
    upsertExistingObjects: false,
  };
  return new Provider(name, inputs, declaredInputsOnly(inputs));
}

/** The provider of every vSphere resource of the program. */
export function vsphereProvider(name: string, args: VsphereProviderArgs): vsphere.Provider {
  muteAnswers();
  const inputs = {
    vsphereServer: args.server,
    user: args.user,
    password: pulumi.secret(args.password),
    allowUnverifiedSsl: args.allowUnverifiedSsl,
    apiTimeout: args.apiTimeoutMinutes,
    // The debug log holds the log-in with the password, a kept session is as good as the password.
    clientDebug: false,
    persistSession: false,
  };
  return new vsphere.Provider(name, inputs, declaredInputsOnly(inputs));
}

/**
 * Keeps out of the state what an SDK adds from the environment. The Kubernetes SDK copies `$KUBECONFIG` into the inputs:
 * a path of one machine, or a kubeconfig's contents with its credentials in clear. The provider reads the variable by
 * itself, so nothing is lost.
 */
function declaredInputsOnly(declared: object): pulumi.ResourceOptions {
  return {
    transformations: [
      ({ props, opts }) => ({
        props: Object.fromEntries(Object.entries(props).filter(([key]) => key in declared)),
        opts,
      }),
    ],
  };
}
