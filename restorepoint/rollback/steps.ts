import { describeObject, referenceOf } from "../../clients/kubernetes/object";
import { counted } from "../../planning/words";
import { keepersToPause } from "../product/hazards";
import { objectChanges } from "./changes";
import type { ObjectChanges, PlannedClaim, RollbackStep, RollbackWorld } from "./types";

/** Volumes that are restored at a time. */
export const PARALLEL = 4;

const nameOf = ({ namespace, claim }: PlannedClaim): string => `${namespace}/${claim}`;

/** The steps back to a point; pure. @param stops workloads that stop, for people */
export function stepsBack(
  world: RollbackWorld,
  claims: readonly PlannedClaim[],
  stops: readonly string[],
): readonly RollbackStep[] {
  const { record } = world;
  const runs = "the product runs as before; --undo only forgets what was restored";
  return [
    {
      kind: "save",
      does: "stores the objects, images and replica numbers of now, for --undo",
      objects: [],
      after: runs,
    },
    {
      kind: "restore",
      does: `restores every volume beside the present one, ${PARALLEL} at a time, and reads it`,
      objects: claims.map((one) => `${nameOf(one)}: from ${one.source}`),
      after: `${runs}. Nothing was stopped so far`,
    },
    ...(world.bindable.length === 0
      ? []
      : [
          {
            kind: "bind" as const,
            does: "makes VolumeSnapshots again that were removed, bound to what the storage has",
            objects: world.bindable.map(
              ({ namespace, snapshot, handle }) => `${namespace}/${snapshot}: ${handle}`,
            ),
            after: `${runs}. Nothing was stopped so far`,
          },
        ]),
    ...downSteps(world, claims, stops),
    {
      kind: "swap",
      does: "makes each claim anew under its own name, with the restored volume; the present one is kept",
      objects: claims.map(
        (one) => `${nameOf(one)}: keeps ${one.from ?? "nothing, there is no claim"}`,
      ),
      after:
        "the product is stopped, its claims have the volumes of the point; --undo gives them the kept ones back",
    },
    {
      kind: "objects",
      does: `writes the objects of release ${record.release} back`,
      objects: world.target === undefined ? [] : summary(objectChanges(world.live, world.target)),
      after: "the product is stopped; --undo also writes the objects of before back",
    },
    {
      kind: "start",
      does: "starts the product with the replicas of the point, unless an image differs, and waits until it is ready",
      objects: [],
      after: "the product runs as at the point; --undo stops it again and goes back to before",
    },
    {
      kind: "resume",
      does: "lets what scales the product work again; GitOps stays paused until its source says this release",
      objects: pausedNow(world),
      after: "done; --undo goes back until the kept volumes are purged",
    },
  ];
}

/** The steps back to before a rollback; pure. */
export function stepsUndone(
  world: RollbackWorld,
  claims: readonly PlannedClaim[],
  stops: readonly string[],
): readonly RollbackStep[] {
  const again = "run --undo again";
  const end: RollbackStep = {
    kind: "resume",
    does: "lets everything work again that was paused",
    objects: pausedNow(world),
    after: "done",
  };
  if (world.target === undefined) {
    // Nothing was stored, so that nothing was done.
    return [end];
  }
  return [
    ...downSteps(world, claims, stops).map((step) => ({
      ...step,
      after: `the product is stopped or stops; ${again}`,
    })),
    {
      kind: "swap",
      does: "gives each claim the volume back that it had before; the restored one is kept until it is purged",
      objects: claims.map((one) => `${nameOf(one)}: ${one.source}`),
      after: `the product is stopped; ${again}`,
    },
    {
      kind: "objects",
      does: "writes the objects of before the rollback back",
      objects: world.target === undefined ? [] : summary(objectChanges(world.live, world.target)),
      after: `the product is stopped; ${again}`,
    },
    {
      kind: "start",
      does: "starts the product with the replicas of before and waits until it is ready",
      objects: [],
      after: `the product runs as before; ${again} to end it in the catalog`,
    },
    end,
  ];
}

/** The product is not available from here on. */
function downSteps(
  world: RollbackWorld,
  claims: readonly PlannedClaim[],
  stops: readonly string[],
): readonly RollbackStep[] {
  const volumes = claims.flatMap(({ from }) => from ?? []);
  const after = "the product runs as before; --undo takes it back";
  return [
    {
      kind: "retain",
      does: `sets ${counted(volumes.length, "present volume")} to Retain and looks that it is so`,
      objects: volumes,
      after,
    },
    {
      kind: "pause",
      does: "pauses what scales the product or sets it back",
      objects: pausedNow(world),
      after,
    },
    {
      kind: "stop",
      does: "STOPS the product and waits until no node holds one of its volumes",
      objects: stops,
      after: "the product is stopped and its claims are as before; --undo starts it again",
    },
  ];
}

/** For people: what is paused now or would be. */
function pausedNow({ stop, rollback }: RollbackWorld): readonly string[] {
  const found = [...keepersToPause(stop).map(referenceOf), ...(rollback?.paused ?? [])];
  return [...new Set(found.map(describeObject))];
}

function summary({ changed, made, removed, left }: ObjectChanges): readonly string[] {
  return [
    ...changed.map((name) => `changes ${name}`),
    ...made.map((name) => `makes ${name}`),
    ...removed.map((name) => `removes ${name}, which is not of the release`),
    ...left.map((name) => `leaves ${name}, which is not of the release`),
  ];
}
