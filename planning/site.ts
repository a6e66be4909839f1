import type { Static } from "@sinclair/typebox";

import type { Frozen } from "./schema/node";
import type { pointFileSchema } from "./schema/pointFile";
import type { siteSchema } from "./schema/site";

type Configured = Frozen<Static<typeof siteSchema>>;

/**
 * One site installation as the operator described it: the frozen result of `config/parseSite`, and the only input
 * of planning. Plain values, no secret in it. What each key means, its unit and its default: `planning/schema`.
 */
export interface Site extends Omit<Configured, "survive" | "vcenterPassword"> {
  /** Name of the Pulumi stack, which is the name of the site installation. */
  readonly stack: string;
  /** The loss the installation has to survive; `site` with three sites or more where nothing else is said. */
  readonly survive: Survive;
  /** Points with VM snapshots: the files of the stack's folder, in the order of their names. */
  readonly restorePoints: readonly PointFile[];
}

export type Survive = NonNullable<Configured["survive"]>;
export type Failover = Site["failover"];
export type BackendId = Site["backend"];
export type OptionValue = Site["backendOptions"][string];
/** Which volumes are ATOM's. "Every data volume" derives from it. */
export type Product = Site["product"];
/** Freezes a part of the product while snapshots are taken, and thaws by itself when its lease ends. */
export type FreezeHook = Product["hooks"][number];
/** Looks at restored volumes. */
export type Probe = NonNullable<Product["probe"]>;
export type SiteTopology = Site["topology"];
export type FailureDomainSite = SiteTopology["sites"][number];
export type StorageClassSpec = Site["classes"][number];
export type VirtualMachines = NonNullable<Site["virtualMachines"]>;
export type NodeVirtualMachine = VirtualMachines["nodes"][number];
export type RetentionPolicy = Site["retention"];
export type Window = Site["windows"][number];
export type Schedule = Site["schedules"][number];
export type EtcdBackup = NonNullable<Site["nodeBackups"]["etcd"]>;
export type ControlPlaneBackup = NonNullable<Site["nodeBackups"]["controlPlane"]>;
export type VeleroBackup = NonNullable<Site["nodeBackups"]["velero"]>;
export type Waiver = Site["waivers"][number];

/**
 * What the program declares of a restore point: a committed file `<restorePointsDir>/<stack>/<name>.yaml`. It exists only
 * for points with VM snapshots; all else that is known of a point stands in the catalog.
 */
export type PointFile = Frozen<Static<typeof pointFileSchema>>;
/** `expiring` lifts the protection of the VM snapshots. */
export type PointState = PointFile["state"];
/** A VM snapshot as a point's file has it. */
export type TakenVmSnapshot = PointFile["vms"][number];
