import { deepStrictEqual, ok } from "node:assert/strict";

import * as fc from "fast-check";

import type { PlanInput } from "../../drift/plan";
import { planSteps } from "../../drift/plan";
import type { LiveObject, Step } from "../../drift/types";
import { takenAt, deployedOf, desiredOf, liveOf, point, recorded } from "./fixtures";
import {
  handleOf,
  liveClaim,
  liveContent,
  liveVolumeSnapshot,
  volume,
  volumeMember,
  volumeSnapshot,
} from "./volumeFixtures";

const claims = ["data-0", "data-1", "data-2"] as const;

/** One volume: what is known of it, and what the cluster has. */
const volumeState = fc.record({
  filed: fc.boolean(),
  marked: fc.constantFrom(undefined, "lost" as const, "expiredAt" as const),
  recorded: fc.boolean(),
  claim: fc.constantFrom("planned" as const, "anew" as const, "gone" as const),
  snapshot: fc.constantFrom("gone" as const, "ours" as const, "foreign" as const),
  content: fc.constantFrom("gone" as const, "cut" as const, "other" as const),
  policy: fc.constantFrom("Retain", "Delete"),
});

type VolumeState = typeof volumeState extends fc.Arbitrary<infer T> ? T : never;

const worlds = fc
  .record({
    taken: fc.boolean(),
    way: fc.constantFrom("lab" as const, "pulumi" as const),
    volumes: fc.tuple(volumeState, volumeState, volumeState),
  })
  .map(({ taken, way, volumes }) => {
    const each = claims.map((claim, index) => ({ claim, state: volumes[index] as VolumeState }));
    return { ...inputOf(taken, way, each), each };
  });

function inputOf(
  taken: boolean,
  way: "lab" | "pulumi",
  each: readonly { readonly claim: string; readonly state: VolumeState }[],
): { readonly input: PlanInput; readonly objects: readonly LiveObject[] } {
  const objects = each.flatMap(({ claim, state }) => objectsOf(claim, state));
  const members = each.flatMap(({ claim, state: { filed, marked } }) =>
    filed ? [volumeMember(claim, marked === undefined ? {} : { [marked]: takenAt })] : [],
  );
  const file = point({
    ...(taken ? { state: "ready" as const, takenAt } : {}),
    volumes: claims.map((claim) => volume(claim)),
    members,
  });
  // What the program registers: every volume while it is being cut, and then what the file records and is not marked.
  const declared = each.filter(({ state: { filed, marked } }) =>
    filed ? marked === undefined : !taken,
  );
  const record = each.filter(({ state }) => state.recorded);
  return {
    objects,
    input: {
      desired: desiredOf(declared.map(({ claim }) => volumeSnapshot(claim))),
      deployed: deployedOf(
        record.map(({ claim }) => recorded(volumeSnapshot(claim))),
        way,
      ),
      live: liveOf({ objects }),
      points: [file],
    },
  };
}

function objectsOf(claim: string, state: VolumeState): readonly LiveObject[] {
  const { policy } = state;
  return [
    ...(state.claim === "gone"
      ? []
      : [liveClaim(claim, state.claim === "anew" ? { uid: "younger" } : {})]),
    ...(state.snapshot === "gone"
      ? []
      : [
          liveVolumeSnapshot(
            claim,
            state.snapshot === "foreign" ? { metadata: { labels: {} } } : {},
          ),
        ]),
    ...(state.content === "gone"
      ? []
      : [liveContent(claim, { policy, handle: state.content === "cut" ? handleOf(claim) : "x" })]),
  ];
}

function claimOf({ urn }: Step): string {
  return urn.slice(urn.lastIndexOf(".") + 1);
}

describe("any plan with snapshots of volumes", () => {
  it("never cuts what is filed, recorded, there, or of another claim than planned", () => {
    fc.assert(
      fc.property(worlds, ({ input, each }) => {
        for (const step of planSteps(input)) {
          const state = each.find(({ claim }) => claim === claimOf(step))?.state;
          if (step.kind === "create") {
            ok(input.points[0]?.takenAt === undefined, "cut into a point that was cut");
            ok(state?.filed === false && !state.recorded, "cut twice");
            ok(state.snapshot === "gone" && state.claim === "planned", "cut under an old name");
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("changes and removes nothing that is live", () => {
    fc.assert(
      fc.property(worlds, ({ input }) => {
        ok(
          planSteps(input).every(({ kind }) => !["delete", "replace", "update"].includes(kind)),
          "a member of a point is only ever made, found or forgotten",
        );
      }),
      { numRuns: 500 },
    );
  });

  it("takes a cut member by its handle alone, and calls lost only what no content holds", () => {
    fc.assert(
      fc.property(worlds, ({ input, each }) => {
        for (const step of planSteps(input)) {
          const state = each.find(({ claim }) => claim === claimOf(step))?.state;
          if (state?.filed === true && (step.kind === "adopt" || step.kind === "same")) {
            ok(state.content === "cut" && state.snapshot !== "gone", step.reason);
          }
          deepStrictEqual(
            (step.lost ?? []).length > 0,
            step.kind === "refuse" &&
              state?.filed === true &&
              state.marked === undefined &&
              state.content !== "cut",
          );
        }
      }),
      { numRuns: 1000 },
    );
  });
});
