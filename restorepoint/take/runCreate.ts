import { readFrom, whyUnread } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import { withProgress } from "../../clients/reporter";
import type { PointRecord } from "../../planning/pointRecord";
import { intendedNodes } from "../../planning/restorePoints";
import type { Site, Waiver } from "../../planning/site";
import {
  killPoint,
  pointCatalog,
  releaseStore,
  taskLimit,
  type EngineSystems,
} from "../pointStack";
import { readProductVolumes, type ProductVolumes } from "../productVolumes";
import { quiesceOf } from "../quiesce";
import { collectRelease } from "../release/collect";
import { undoTake } from "../removeTaken";
import type { PointDraft } from "./draft";
import { takeLimits } from "./judge";
import { TakeError } from "./takeError";
import { finishTake, takePoint } from "./takePoint";
import { CREATE, type TakePorts } from "./takeMembers";
import { openVmSnapshots, recordVms } from "./vmSnapshots";

export interface CreatePorts extends EngineSystems {
  /**
   * Looks whether the live systems can take the site's points that are in state `taking`, and tells what it found.
   *
   * @returns false when something stands against it
   */
  readonly preflight: (site: Site) => Promise<boolean>;
}

/** What one run of the command works with; its signal asks to stop, also when the lease was lost. */
interface CreateSystems extends CreatePorts {
  readonly client: ClusterClient;
  /** Seconds that every wait may take. */
  readonly timeoutSeconds: number | undefined;
}

/** The point as it was confirmed. */
interface Taking extends PointDraft {
  readonly site: Site;
  readonly waivers: readonly Waiver[];
}

/** Takes a point; see `takePoint`. */
export async function runCreate(
  { point, file, volumes, site, waivers }: Taking,
  systems: CreateSystems,
): Promise<PointRecord> {
  const { stack, vcenter, reporter, client, signal, engine } = systems;
  const nodes = intendedNodes(site, file);
  if (nodes.length > 0) {
    const reached = await readFrom(vcenter, (session) => session.instanceUuid());
    if (reached.state !== "read") {
      throw new TakeError(
        `The VM snapshots of the point cannot be looked for: ${whyUnread(reached, "No vCenter is configured.")}`,
      );
    }
  }
  const { quiesce, limitMs, ...begun } = await begin(point, volumes, site, systems);
  const { journal, onStep } = begun;
  if (waivers.length > 0) {
    await journal.note("waivers", { count: waivers.length }, (record) => ({ ...record, waivers }));
  }
  const store = releaseStore(stack, client);
  const ports: TakePorts = {
    ...begun,
    vms: nodes.length === 0 ? undefined : openVmSnapshots(file, nodes, stack, engine, signal),
    readVolumes: () => readProductVolumes(client, site, point.cycle),
    checkRelease: ({ name, objects }) =>
      objects === undefined ? Promise.resolve([]) : store.problems(name, objects),
    storeRelease: async () => {
      // Before anything is frozen or stopped: reading a large vCenter takes a while.
      if (nodes.length > 0 && vcenter.state === "open") {
        await recordVms(nodes, site, vcenter.client, journal);
      }
      const objects = await store.save(point.name, await collectRelease(client, site.product));
      const detail = { digest: objects.digest, count: objects.parts };
      await journal.note("release", detail, (record) => ({ ...record, objects }));
    },
    undo: () =>
      withProgress(reporter, "Removing what was taken", (progress) =>
        undoTake(point, {
          client,
          vcenter: nodes.length > 0 && vcenter.state === "open" ? vcenter.client : undefined,
          className: site.snapshots.className,
          taskLimit: taskLimit(site),
          progress,
          onStep,
          limitMs: Math.min(REMOVAL_MS, limitMs),
        }),
      ),
  };
  return takePoint({ site, point, volumes, quiesce }, ports);
}

/** Limit for Kubernetes to remove what it was told to, in milliseconds. */
const REMOVAL_MS = 5 * 60_000;

/** Does what is left to do for a point that a killed run had completed. */
export async function finishCreate(
  point: PointRecord,
  systems: CreateSystems,
): Promise<PointRecord> {
  const { stack, client } = systems;
  const volumes = await readProductVolumes(client, stack.site, point.cycle);
  const { journal, quiesce } = await begin(point, volumes, stack.site, systems);
  await finishTake({ point, quiesce }, { client, journal });
  return journal.record;
}

async function begin(
  point: PointRecord,
  volumes: ProductVolumes,
  site: Site,
  { stack, client, reporter, signal, timeoutSeconds = takeLimits.ready }: CreateSystems,
) {
  const onStep = killPoint(stack);
  const journal = await pointCatalog(stack, client).open(point, CREATE);
  const limitMs = timeoutSeconds * 1000;
  const options = { client, journal, site, reporter, limitMs, signal, onStep };
  const quiesce = await quiesceOf(point, volumes, options);
  // Whoever gives a volume less time does not wait longer for the first sign of life.
  const answer = Math.min(takeLimits.answer, timeoutSeconds);
  const limits = { ...takeLimits, ready: timeoutSeconds, answer };
  return { client, journal, reporter, signal, onStep, limits, limitMs, quiesce };
}
