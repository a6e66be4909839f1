import type { ClusterObject } from "../clients/kubernetes/object";
import { isOverdue } from "../planning/cron";
import type { Site, VeleroBackup } from "../planning/site";
import { NODE_AGENT, storeHost, VELERO_API, VELERO_NAME } from "../planning/veleroBackup";
import {
  type ClusterLive,
  type Finding,
  found,
  judged,
  kindKey,
  type LiveState,
  objectKey,
} from "./types";

/** Kinds that are read beside the declared ones: Velero's backups, what moves their data, and who has which address. */
export const VELERO_KINDS = [
  { apiVersion: VELERO_API, kind: "Backup" },
  { apiVersion: "apps/v1", kind: "DaemonSet" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "networking.k8s.io/v1", kind: "Ingress" },
] as const;

/** How long Velero has to look at a new location before it counts as not there. */
const GRACE_MS = 10 * 60_000;

/** What findings call them. */
const STORE = "Velero's object store";
const AGENT = "Velero's node agent";
const VELERO_BACKUPS = "Velero's backups";

interface BackupStatus {
  readonly phase?: string;
  readonly startTimestamp?: string;
  readonly failureReason?: string;
  readonly validationErrors?: readonly string[];
  readonly errors?: number;
}

/** The last backup of our schedule that came to its end whole; undefined where there is none, or none was read. Pure. */
export function lastVeleroBackup(
  { nodeBackups: { velero } }: Site,
  { cluster }: LiveState,
): { readonly name: string; readonly at: string } | undefined {
  return velero === undefined || cluster.state !== "read"
    ? undefined
    : backupsOf(velero, cluster.value).findLast(({ phase }) => phase === "Completed");
}

/**
 * Whether Velero can reach its object store, moves data, and its last backups came to their end in time. What is declared
 * and not there is a finding of its own. Pure.
 */
export function judgeVelero(site: Site, live: LiveState, now: Date): readonly Finding[] {
  const { velero } = site.nodeBackups;
  const { cluster } = live;
  if (velero === undefined || cluster.state !== "read") {
    return [];
  }
  const { objects, unreadKinds } = cluster.value;
  const unread = VELERO_KINDS.flatMap(({ apiVersion, kind }) => {
    const why = unreadKinds.get(kindKey(apiVersion, kind));
    return why === undefined ? [] : [found("unknown", VELERO_BACKUPS, why)];
  });
  const own = (apiVersion: string, kind: string, name: string): ClusterObject | undefined =>
    objects.get(objectKey(apiVersion, kind, velero.namespace, name));
  const location = own(VELERO_API, "BackupStorageLocation", VELERO_NAME);
  const schedule = own(VELERO_API, "Schedule", VELERO_NAME);
  const agent = own("apps/v1", "DaemonSet", NODE_AGENT);
  return [
    ...unread,
    ...(location === undefined ? [] : judgeStore(velero, location, cluster.value, now)),
    ...judged(
      AGENT,
      agent !== undefined || unread.length > 0
        ? []
        : [
            found(
              "missing",
              AGENT,
              `DaemonSet ${NODE_AGENT} is not in namespace ${velero.namespace}: no data of a volume is moved, and every backup waits for it. Install Velero with its node agent.`,
            ),
          ],
    ),
    ...(schedule === undefined || unread.length > 0
      ? []
      : judgeBackups(velero, schedule, backupsOf(velero, cluster.value), now)),
  ];
}

function judgeStore(
  velero: VeleroBackup,
  { status, metadata }: ClusterObject,
  live: ClusterLive,
  now: Date,
): readonly Finding[] {
  const { phase, message } = (status ?? {}) as { phase?: string; message?: string };
  const age = now.getTime() - Date.parse(metadata.creationTimestamp ?? "");
  const host = storeHost(velero);
  const inside = host === undefined ? undefined : ownerOf(host, live);
  const silent = phase === undefined && age > GRACE_MS;
  return judged(STORE, [
    ...(inside === undefined
      ? []
      : [
          {
            ...found(
              "differs",
              STORE,
              `${host} is ${inside}: the backups are lost with the cluster.`,
            ),
            blocked: true,
          },
        ]),
    ...(silent || (phase !== undefined && phase !== "Available")
      ? [
          found(
            "differs",
            STORE,
            silent
              ? `No Velero has looked at it: see that it runs in namespace ${velero.namespace}.`
              : `Velero calls it ${phase}${message === undefined ? "" : `: ${message}`}.`,
          ),
        ]
      : []),
  ]);
}

/** Whose address in this cluster a host is, in words. */
function ownerOf(host: string, { objects }: ClusterLive): string | undefined {
  for (const { kind, metadata, ...rest } of objects.values()) {
    const { name, namespace } = metadata;
    const { spec, status } = rest as Partial<Record<"spec" | "status", Addresses>>;
    const addresses = {
      Service: [
        `${name}.${namespace ?? ""}`,
        ...(spec?.clusterIPs ?? []),
        ...(spec?.externalIPs ?? []),
        ...(status?.loadBalancer?.ingress ?? []).flatMap((one) => [one.ip, one.hostname]),
      ],
      Ingress: (spec?.rules ?? []).map((rule) => rule.host),
      Node: (status?.addresses ?? []).map(({ address }) => address),
    }[kind];
    if (addresses?.includes(host) === true) {
      return `an address of ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name} of this cluster`;
    }
  }
  return undefined;
}

interface Addresses {
  readonly clusterIPs?: readonly string[];
  readonly externalIPs?: readonly string[];
  readonly rules?: readonly { readonly host?: string }[];
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
  readonly addresses?: readonly { readonly address: string }[];
}

function judgeBackups(
  { cron, timeZone, namespace }: VeleroBackup,
  schedule: ClusterObject,
  backups: readonly Backup[],
  now: Date,
): readonly Finding[] {
  const ended = backups.findLast(({ phase }) => ENDED.test(phase));
  const whole = backups.findLast(({ phase }) => phase === "Completed");
  const since = new Date(whole?.at ?? schedule.metadata.creationTimestamp ?? "");
  const look = (name: string): string => `velero -n ${namespace} backup describe ${name} --details`;
  return judged(VELERO_BACKUPS, [
    ...(ended === undefined || ended.phase === "Completed"
      ? []
      : [
          found(
            "differs",
            VELERO_BACKUPS,
            `${ended.name} is ${ended.phase}${ended.why === "" ? "" : `: ${ended.why}`}. ${look(ended.name)} shows what failed.`,
          ),
        ]),
    ...(isOverdue(cron, timeZone, since, now)
      ? [
          found(
            "differs",
            VELERO_BACKUPS,
            `${whole === undefined ? "None came to its end whole" : `The last whole one is of ${whole.at}`}, and two times of the schedule went by since. velero -n ${namespace} get backups shows them.`,
          ),
        ]
      : []),
  ]);
}

interface Backup {
  readonly name: string;
  readonly phase: string;
  /** RFC 3339: the moment that it is of. */
  readonly at: string;
  readonly why: string;
}

const ENDED = /^(Completed|PartiallyFailed|Failed|FailedValidation)$/;

/** Backups of our schedule, the oldest first. */
function backupsOf({ namespace }: VeleroBackup, { objects }: ClusterLive): readonly Backup[] {
  return [...objects.values()]
    .filter(
      ({ apiVersion, kind, metadata }) =>
        apiVersion === VELERO_API &&
        kind === "Backup" &&
        metadata.namespace === namespace &&
        metadata.labels?.["velero.io/schedule-name"] === VELERO_NAME,
    )
    .map(({ metadata, status }) => {
      const told = (status ?? {}) as BackupStatus;
      const { phase = "New", failureReason, validationErrors = [], errors = 0 } = told;
      const why = [
        failureReason,
        ...validationErrors,
        errors === 0 ? undefined : `errors: ${errors}`,
      ];
      return {
        name: metadata.name,
        phase,
        at: told.startTimestamp ?? metadata.creationTimestamp ?? "",
        why: why.filter((text) => text !== undefined).join("; "),
      };
    })
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
