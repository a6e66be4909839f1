import { existsSync } from "node:fs";
import { judgeControlPlaneBackup } from "../../drift/controlPlaneBackup";
import { readFrom, type Read } from "../../clients/access";
import { hasUnknown } from "../../drift/findings";
import { judgeMachines } from "../../drift/machines";
import { judgeImages } from "../../drift/nodeImages";
import { isControlPlaneUnseen, judgeDown } from "../../drift/nodes";
import { observeReplicas, type ObservedReplicas } from "../../drift/replicas/observeReplicas";
import { isKubernetes, isSnapshot } from "../../drift/resources";
import { type Finding, found, judged } from "../../drift/types";
import { judgeVelero } from "../../drift/veleroBackup";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { DesiredState } from "../../engine/program/desiredState";
import type { StackState } from "../../engine/stackState";
import { planSite } from "../../planning";
import type { SitePlan } from "../../planning/plan";
import { backendOf } from "../../planning/backends/registry";
import { catalogFolder } from "../../restorepoint/catalog/folderSide";
import { readPoints, type KnownPoints } from "../../restorepoint/knownPoints";
import { readLiveSnapshots, type LiveSnapshots } from "../../restorepoint/liveSnapshots";
import { checkBackend } from "../preflight/backend";
import type { Finding as Check } from "../preflight/finding";
import { checkRunningController } from "../preflight/snapshotController";
import type { OpenStack } from "../stack";
import { inOnePass, type LiveAccess } from "../up/access";
import { readStack, type Reading } from "../up/reading";
import { judgePoints } from "./points";

/** The system that alone is looked at; undefined: both. */
export type Only = "cluster" | "vcenter" | undefined;

export interface DriftQuestion {
  readonly stack: OpenStack;
  readonly desired: DesiredState;
  /** Undefined where there is no CLI to read it: what carries our mark then counts as recorded. */
  readonly state: StackState | undefined;
  /** A system that `only` leaves out is `notNeeded`. */
  readonly access: LiveAccess;
  readonly only: Only;
  readonly now: Date;
}

/** Everything that is promised, against what lives. */
export interface Drift {
  readonly plan: SitePlan;
  readonly reading: Reading;
  readonly known: KnownPoints;
  /** What the live systems have of the points. */
  readonly snapshots: LiveSnapshots;
  readonly replicas: ObservedReplicas;
  /** Of all objects that were looked at. */
  readonly findings: readonly Finding[];
  /** What nobody looked at, in sentences. */
  readonly notObserved: readonly string[];
}

/** - `drift`: a finding other than `same`; `unknown` wins over it. */
export type DriftResult = "noDrift" | "drift" | "unknown";

export function resultOf(findings: readonly Finding[]): DriftResult {
  return hasUnknown(findings)
    ? "unknown"
    : findings.some(({ kind }) => kind !== "same")
      ? "drift"
      : "noDrift";
}

/**
 * Looks at all that a stack declares and promises, by one pass of LISTs and one run of vCenter's property collector. Never
 * throws for a system that does not answer: that is `unknown`, and the rest is said all the same.
 */
export async function readDrift(question: DriftQuestion): Promise<Drift> {
  const { stack, only, now } = question;
  const access = inOnePass(question.access);
  const { site } = stack;
  const plan = planSite(site);
  const desired = narrowed(question.desired, only);
  const state = question.state ?? assumedState(desired);
  const isLeftOut = access.cluster.state === "notNeeded";
  const leftOut = {
    state: "notObserved",
    why: "the cluster is left out",
    remedy: undefined,
  } as const;
  const [reading, known, snapshots, unserved, replicas, driver, machines] = await Promise.all([
    readStack(
      desired,
      { ...state, resources: state.resources.filter(lookedAt(only)) },
      site,
      access,
    ),
    readPoints({ stack, cluster: access.cluster }),
    readLiveSnapshots(access),
    plan.snapshotClass === undefined ? [] : readUnserved(access),
    isLeftOut ? leftOut : observeReplicas(plan, access.cluster),
    checkDriver(plan, access, now),
    readFrom(access.vcenter, async (client) => judgeMachines(site, await client.vms())),
  ]);
  // What is not served cannot be looked at, and one finding says so for all.
  const live = unserved.length === 0 ? snapshots : { ...snapshots, cluster: NOT_NEEDED };
  // A pod that looks into the cluster alone has no copy of the catalog.
  const copyFolder = catalogFolder(stack.root, site.catalogDir, stack.name);
  const isCopyAway = only === "cluster" && !existsSync(copyFolder);
  const stated = new Set(reading.findings.map(({ object }) => object.toLowerCase()));
  return {
    ...{ plan, reading, known, snapshots, replicas },
    findings: [
      ...reading.findings,
      // A node's labels are compared already, whatever else the backend wants of them.
      ...driver.filter(({ object }) => !stated.has(object.toLowerCase())),
      ...unserved,
      ...judgeReplicas(replicas),
      ...unless(machines, "virtual machines"),
      ...judgeDown(site, reading.live, now),
      ...judgePoints({ site, known, live, isCopyAway, now }),
      ...judgeControlPlaneBackup(site, reading.live, now),
      ...judgeVelero(site, reading.live, now),
      ...judgeImages(site, reading.live, known.images, now),
    ],
    notObserved: [
      ...(only === undefined ? [] : [`--only ${only} looks at nothing else.`]),
      ...(isCopyAway
        ? [
            `The catalog's copy off the cluster: ${copyFolder} is not here, so that neither whether it agrees nor which ` +
              "restore points should have ended is judged.",
          ]
        : []),
      ...(isControlPlaneUnseen(site, reading.live)
        ? [
            "The control plane: no node carries its role, so that the stated number is not judged. It runs elsewhere, or " +
              "its only node is gone.",
          ]
        : []),
      ...(replicas.state === "notObserved" ? [`Copies of volumes: ${replicas.why}.`] : []),
    ],
  };
}

const NOT_NEEDED = { state: "notNeeded" } as const;

/** Kinds of snapshots that the cluster does not serve in the version that is used. */
async function readUnserved({ cluster }: LiveAccess): Promise<readonly Finding[]> {
  const read = await readFrom(cluster, async (client) => {
    const kinds = ["VolumeSnapshot", "VolumeSnapshotContent"];
    const served = await Promise.all(kinds.map((kind) => client.resource(SNAPSHOT_API, kind)));
    return kinds.filter((_, index) => served[index] === undefined);
  });
  const why =
    "no snapshot is taken, and none of a restore point is found, until its CRD is there again.";
  return read.state === "read"
    ? read.value.map((kind) =>
        found(
          "missing",
          `kind ${kind}`,
          `The API server does not serve ${kind} of ${SNAPSHOT_API}: ${why}`,
        ),
      )
    : [];
}

function lookedAt(only: Only): ({ type }: { readonly type: string }) => boolean {
  return ({ type }) => only === undefined || (only === "vcenter") === isSnapshot(type);
}

function narrowed(desired: DesiredState, only: Only): DesiredState {
  return { ...desired, registrations: desired.registrations.filter(lookedAt(only)) };
}

function assumedState({ registrations }: DesiredState): StackState {
  const resources = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ urn, type, inputs }) => ({ urn, type, inputs, id: "", protect: false }));
  return { resources, pendingCreations: [] };
}

/** What was found, or that it could not be. */
function unless(read: Read<readonly Finding[]>, object: string): readonly Finding[] {
  return read.state === "read"
    ? read.value
    : read.state === "unknown"
      ? [found("unknown", object, read.why)]
      : [];
}

/** The storage driver and the snapshot controller, without which nothing of what is declared works. */
async function checkDriver(
  plan: SitePlan,
  access: LiveAccess,
  now: Date,
): Promise<readonly Finding[]> {
  const { backend, backendOptions } = plan.site;
  const object = `CSI driver ${backendOf(backend).provisioner(backendOptions)}`;
  const checks = await readFrom(access.cluster, async (client) => [
    ...(await checkBackend(client, plan)),
    ...(await checkRunningController(client, plan, now)),
  ]);
  const told =
    checks.state === "read"
      ? { ...checks, value: judged(object, checks.value.map(fromCheck)) }
      : checks;
  return unless(told, object);
}

function fromCheck({ severity, object, message, remedy }: Check): Finding {
  const reason = [message, ...(remedy === undefined ? [] : [remedy])].join(" ");
  return found(severity === "unknown" ? "unknown" : "differs", object, reason);
}

function judgeReplicas(replicas: ObservedReplicas): readonly Finding[] {
  switch (replicas.state) {
    case "observed":
      return replicas.volumes.flatMap(({ volume, claim, problems }) => {
        const object = `copies of PersistentVolume ${volume} (${claim ?? "no claim"})`;
        const isUnknown = problems.every(({ kind }) => kind === "unknown");
        const reason = problems.map(({ message }) => message).join(" ");
        return judged(
          object,
          problems.length === 0 ? [] : [found(isUnknown ? "unknown" : "differs", object, reason)],
        );
      });
    case "unknown":
      return [found("unknown", "copies of volumes", replicas.why)];
    default:
      return [];
  }
}
