/** A volume as its PersistentVolume describes it. */
export interface VolumeIdentity {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** `spec.csi.volumeHandle`: the driver's own id. */
  readonly handle: string;
  /** `spec.csi.volumeAttributes`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * - `upToDate`: holds every acknowledged write
 * - `rebuilding`: is being filled, and is of no use until then
 * - `failed`: is there in name only
 * - `unknown`: the backend does not say, or says something that is not known here
 */
export type ReplicaState = "upToDate" | "rebuilding" | "failed" | "unknown";

/** One copy of a volume as the backend reports it. */
export interface SeenReplica {
  /** Kubernetes node that holds it; undefined where the backend does not place by node. */
  readonly node: string | undefined;
  readonly state: ReplicaState;
  /** The backend's own word, e.g. `UpToDate`. */
  readonly detail: string;
}

/** What keeps copies apart where nobody says which node holds which. */
export interface PlacementRule {
  readonly apart: "sites" | "nodes" | "unknown";
  /** Most copies in one site; undefined where the rule does not speak of sites. */
  readonly perSite: number | undefined;
  /** For people, e.g. `CRUSH, failure domain zone`. */
  readonly text: string;
}

export interface SeenReplicas {
  readonly state: "seen";
  readonly replicas: readonly SeenReplica[];
  /** Undefined where each copy names its node. */
  readonly rule: PlacementRule | undefined;
  /** Nodes that vote without a copy. */
  readonly tieBreakers: readonly string[];
  /** What the backend says of the volume as a whole that is not as it should be, a sentence each. */
  readonly troubles: readonly string[];
}

/** Tried and failed; nothing may be said about the volume's copies. */
export interface Unknown {
  readonly state: "unknown";
  /** One sentence. */
  readonly why: string;
}

export type Observation = SeenReplicas | Unknown;

/** Where the storage backend's own API is, and the files that open it. Paths are on the machine of the command. */
export interface StorageApi {
  readonly url: string;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly tokenFile: string | undefined;
}

/** Something that is read once for all volumes. */
export type ObservationSource =
  | {
      readonly kind: "list";
      readonly apiVersion: string;
      /** Kind of the objects, e.g. `Replica`. */
      readonly object: string;
      /** Undefined for cluster-scoped kinds. */
      readonly namespace: string | undefined;
    }
  | { readonly kind: "rest"; readonly system: "linstor" | "mayastor"; readonly api: StorageApi };

/** By name of the source, what it answered. Only called with every source answered. */
export type SourceAnswers = Readonly<Record<string, readonly unknown[]>>;

/** How the copies of a backend's volumes are found out, or why this is not tried. */
export type ObservationPlan =
  | {
      readonly state: "observed";
      readonly sources: Readonly<Record<string, ObservationSource>>;
      /** Takes the answers in once, then speaks of one volume at a time. Pure. */
      observer(answers: SourceAnswers): (volume: VolumeIdentity) => Observation;
    }
  | {
      /** Another word than "unknown": nothing was tried. */
      readonly state: "notObserved";
      readonly why: string;
      /** What to do so that it is observed; undefined where nothing helps. */
      readonly remedy: string | undefined;
    };

export function unknown(why: string): Unknown {
  return { state: "unknown", why };
}

export function notObserved(why: string, remedy?: string): ObservationPlan {
  return { state: "notObserved", why, remedy };
}
