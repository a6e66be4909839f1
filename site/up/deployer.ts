import type { DesiredState } from "../../engine/program/desiredState";
import type { DeployedState, Step } from "../../drift/types";
import type { TakeLimits } from "../../restorepoint/judgeTaken";
import type { RestorePointFile } from "../../planning/site";
import type { LiveAccess } from "./access";

/** What is put before the operator. */
export type Planned = Pick<Application, "desired" | "steps">;

/** What an application is handed: exactly what was confirmed. */
export interface Application {
  /** The operator's stack file, confirmed values written. */
  readonly file: string;
  readonly desired: DesiredState;
  readonly steps: readonly Step[];
  readonly points: readonly RestorePointFile[];
  readonly access: LiveAccess;
  /** Limit of one vCenter task, in minutes. */
  readonly apiTimeoutMinutes: number;
  /** Limits of a cut of volumes, where they are not the usual ones. */
  readonly takeLimits?: TakeLimits;
}

/** A way to deploy: the Pulumi CLI, or the lab's own executor. */
export interface Deployer {
  readonly way: DeployedState["way"];
  /** For people, e.g. `pulumi 3.259.0`. */
  readonly title: string;
  /** What an earlier deployment recorded; `file` is the stack file to work with. */
  load(file: string): Promise<DeployedState>;
  /**
   * Runs the way's own preview on a copy of the stack file; its refusals end the command, and nothing is changed.
   *
   * @returns lines for people that the steps do not hold
   */
  check(file: string, planned: Planned): Promise<readonly string[]>;
  apply(application: Application): Promise<void>;
  /**
   * Runs `work` while no other deployment of this stack can start; the CLI locks by itself.
   *
   * @throws when another one is running
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Records what lives already, as the `adopt` steps say; touches nothing live. */
  adopt(application: Application): Promise<void>;
  /** Deletes what the `delete` steps say and drops from the record what the `forget` steps say. */
  remove(application: Application): Promise<void>;
}
