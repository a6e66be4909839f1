import * as pulumi from "@pulumi/pulumi";
import { environmentBoolean, environmentNumber, environmentText } from "./environment";
import { pluginVersion } from "./version";

const PROVIDER_TYPE = "vsphere";

/**
 * The connection to one vCenter. An instance is passed explicitly to every vSphere resource.
 * Same name, token and inputs as in the published package `@pulumi/vsphere` 4.x.
 */
export class Provider extends pulumi.ProviderResource {
  /** Token of the provider's package, as in the published SDK. */
  public static readonly __pulumiType: string = PROVIDER_TYPE;

  /** Whether the object is such a provider; holds also where the Pulumi SDK is loaded more than once. */
  public static override isInstance(obj: unknown): obj is Provider {
    return (
      typeof obj === "object" &&
      obj !== null &&
      (obj as { __pulumiType?: unknown }).__pulumiType === `pulumi:providers:${PROVIDER_TYPE}`
    );
  }

  declare public readonly clientDebugPath: pulumi.Output<string | undefined>;
  declare public readonly clientDebugPathRun: pulumi.Output<string | undefined>;
  /** Always a secret. */
  declare public readonly password: pulumi.Output<string>;
  declare public readonly restSessionPath: pulumi.Output<string | undefined>;
  declare public readonly user: pulumi.Output<string>;
  /** @deprecated Use `vsphereServer`. */
  declare public readonly vcenterServer: pulumi.Output<string | undefined>;
  declare public readonly vimSessionPath: pulumi.Output<string | undefined>;
  declare public readonly vsphereServer: pulumi.Output<string | undefined>;

  /**
   * @param name Unique name of the provider instance. Resources are replaced when they change to another instance.
   * @param args Where and how to log in; `user` and `password` are required.
   */
  public constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    if (opts?.urn === undefined) {
      requireInput("password", args.password);
      requireInput("user", args.user);
    }
    const inputs: pulumi.Inputs = {
      // Only text crosses a provider's configuration; everything else does so as JSON.
      allowUnverifiedSsl: asJson(
        args.allowUnverifiedSsl ?? environmentBoolean("VSPHERE_ALLOW_UNVERIFIED_SSL"),
      ),
      apiTimeout: asJson(args.apiTimeout),
      clientDebug: asJson(args.clientDebug ?? environmentBoolean("VSPHERE_CLIENT_DEBUG")),
      clientDebugPath: args.clientDebugPath ?? environmentText("VSPHERE_CLIENT_DEBUG_PATH"),
      clientDebugPathRun:
        args.clientDebugPathRun ?? environmentText("VSPHERE_CLIENT_DEBUG_PATH_RUN"),
      // The provider's schema does not mark the password, so that without this it would stand in clear in the state.
      password: args.password === undefined ? undefined : pulumi.secret(args.password),
      persistSession: asJson(args.persistSession ?? environmentBoolean("VSPHERE_PERSIST_SESSION")),
      restSessionPath: args.restSessionPath ?? environmentText("VSPHERE_REST_SESSION_PATH"),
      user: args.user,
      vcenterServer: args.vcenterServer,
      vimKeepAlive: asJson(args.vimKeepAlive ?? environmentNumber("VSPHERE_VIM_KEEP_ALIVE")),
      vimSessionPath: args.vimSessionPath ?? environmentText("VSPHERE_VIM_SESSION_PATH"),
      vsphereServer: args.vsphereServer,
    };
    super(PROVIDER_TYPE, name, inputs, pulumi.mergeOptions({ version: pluginVersion }, opts));
  }
}

/** Inputs of {@link Provider}: the provider's whole configuration. */
export interface ProviderArgs {
  /** Accept a certificate that no known authority has signed. Default: `VSPHERE_ALLOW_UNVERIFIED_SSL`, else false. */
  readonly allowUnverifiedSsl?: pulumi.Input<boolean>;
  /** Minutes to wait for one vCenter task; the provider's own default is 5. */
  readonly apiTimeout?: pulumi.Input<number>;
  /** Log the SOAP traffic, log-in included, to files. Default: `VSPHERE_CLIENT_DEBUG`, else false. */
  readonly clientDebug?: pulumi.Input<boolean>;
  /** Folder of that log. Default: `VSPHERE_CLIENT_DEBUG_PATH`. */
  readonly clientDebugPath?: pulumi.Input<string>;
  /** Folder of that log for a single run. Default: `VSPHERE_CLIENT_DEBUG_PATH_RUN`. */
  readonly clientDebugPathRun?: pulumi.Input<string>;
  /** Password of the user; becomes a secret whatever is passed. */
  readonly password: pulumi.Input<string>;
  /** Keep sessions on disk between runs. Default: `VSPHERE_PERSIST_SESSION`, else false. */
  readonly persistSession?: pulumi.Input<boolean>;
  /** Folder of kept REST sessions. Default: `VSPHERE_REST_SESSION_PATH`. */
  readonly restSessionPath?: pulumi.Input<string>;
  /** User who logs in, e.g. `atom-backup@vsphere.local`. */
  readonly user: pulumi.Input<string>;
  /**
   * Older name of `vsphereServer`.
   * @deprecated Use `vsphereServer`.
   */
  readonly vcenterServer?: pulumi.Input<string>;
  /** Minutes between keep-alive calls of the session; the provider's own default is 10. Default: `VSPHERE_VIM_KEEP_ALIVE`. */
  readonly vimKeepAlive?: pulumi.Input<number>;
  /** Folder of kept SOAP sessions. Default: `VSPHERE_VIM_SESSION_PATH`. */
  readonly vimSessionPath?: pulumi.Input<string>;
  /** Host name or `host:port` of the vCenter. */
  readonly vsphereServer?: pulumi.Input<string>;
}

function asJson(
  value: pulumi.Input<boolean | number> | undefined,
): pulumi.Output<string> | undefined {
  return value === undefined
    ? undefined
    : pulumi.output(value).apply((known) => JSON.stringify(known));
}

function requireInput(name: string, value: unknown): void {
  if (value === undefined) {
    throw new Error(`Missing required property '${name}'`);
  }
}
