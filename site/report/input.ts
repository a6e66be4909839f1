import type { SitePlan } from "../../planning/plan";
import type { PointRecord } from "../../planning/pointRecord";
import type { ObservedReplicas } from "../../drift/replicas/observeReplicas";
import type { Finding, LiveState } from "../../drift/types";
import type { Finding as Check } from "../preflight/finding";
import type { Status } from "../status/status";
import type { HeldVolumes } from "../../drift/heldVolumes";

/** All that a report is made of. Without `drift` and `live` it speaks of the plan alone and says so. */
export interface ReportInput {
  readonly plan: SitePlan;
  /** What is live against what is declared; undefined when nothing live was read (`--offline`). */
  readonly drift?: readonly Finding[] | undefined;
  /** All that is known of the restore points; undefined when the catalog was not read: then what the point files say. */
  readonly points?: readonly PointRecord[] | undefined;
  /** What checks found that a person should read; never a secret in it. */
  readonly findings?: readonly Check[] | undefined;
  readonly live?: LiveState | undefined;
  /** The copies of the volumes as the backend reports them; undefined when nobody asked. */
  readonly replicas?: ObservedReplicas | undefined;
  /** Whether VM snapshots hold volumes fast; undefined when nobody asked. */
  readonly heldVolumes?: HeldVolumes | undefined;
  /** What the command of this name says; undefined when nothing live was read. */
  readonly status?: Status | undefined;
  /** RFC 3339 date-time: the page's only clock, ages and expiries are counted from it. */
  readonly generatedAt: string;
  readonly program: { readonly version: string };
  /** Name of the stack and where it is deployed, e.g. `the lab on this machine` or `cluster context site-a`. */
  readonly target: { readonly stack: string; readonly place: string };
}
