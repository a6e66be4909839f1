/** One member as the hooks see it. */
export interface HookedMember {
  /** Name of the Pulumi resource. */
  readonly resourceName: string;
  /** What is said when it was cut and is gone, e.g. `VM snapshot atom.x.y of node a-1 (snapshot-7)`. */
  readonly title: string;
  /** Whether the point's file records it. */
  readonly taken: boolean;
  /** Writes it down, once it was created. @param id The provider's id. */
  record(id: string): unknown;
}
