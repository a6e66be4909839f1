import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Reporter } from "../../clients/reporter";
import type { PointRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import type { ProductVolumes } from "../productVolumes";
import type { Quiesce } from "../quiesce";
import type { TakeLimits } from "./judge";
import type { VmSnapshots } from "./vmSnapshots";

/** The command, as the journal names it. */
export const CREATE = "restore-point create";

export interface TakePlan {
  readonly site: Site;
  /** As it was confirmed; state `taking`. */
  readonly point: PointRecord;
  readonly volumes: ProductVolumes;
  readonly quiesce: Quiesce;
}

/** What a point is taken with; each may fail, and may be called again after a killed run. */
export interface TakePorts {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly now: () => Date;
  readonly limits: TakeLimits;
  /** Asks to stop: waits are abandoned, and what was taken is removed. */
  readonly signal?: AbortSignal | undefined;
  /** Stores the objects of the product's release, and what the VMs are made of. */
  readonly storeRelease: () => Promise<void>;
  /** What of the stored objects is not as it was recorded, in sentences. */
  readonly checkRelease: (point: PointRecord) => Promise<readonly string[]>;
  /** Reads the product's volumes as they are now. */
  readonly readVolumes: () => Promise<ProductVolumes>;
  /** Undefined for a point without VM snapshots. */
  readonly vms: VmSnapshots | undefined;
  /** Removes from the live systems whatever was taken for the point. */
  readonly undo: () => Promise<void>;
  /** Called before each object is posted; tests end the process from it. */
  readonly onStep?: () => void;
}
