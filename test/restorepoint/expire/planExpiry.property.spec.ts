import { deepStrictEqual, ok } from "node:assert/strict";

import * as fc from "fast-check";

import { planExpiry } from "../../../restorepoint/expire/planExpiry";
import { decideDue, namedRefusal, type PointFacts } from "../../../planning/expiry";
import type { PointRecord } from "../../../planning/pointRecord";
import type { VmSnapshot } from "../../../clients/vcenter/vms";
import {
  cluster,
  liveSnapshots,
  liveContent,
  vm,
  vmMember,
  vmSnapshot,
  point,
  volume,
} from "./fixtures";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-25T00:00:00Z");

interface Drawn {
  readonly age: number;
  readonly life: number;
  readonly hold: boolean;
  readonly proven: boolean;
  readonly volumes: boolean;
  readonly vms: boolean;
  readonly restoring: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  age: fc.integer({ min: 0, max: 40 }),
  life: fc.integer({ min: 1, max: 30 }),
  hold: fc.boolean(),
  proven: fc.boolean(),
  volumes: fc.boolean(),
  vms: fc.boolean(),
  restoring: fc.boolean(),
});

/** Storage and vCenter as sets of what is there; foreign things carry names that no point has. */
interface World {
  readonly points: readonly PointRecord[];
  readonly facts: (name: string) => PointFacts;
  readonly handles: Set<string>;
  readonly chain: VmSnapshot[];
  readonly restoring: ReadonlySet<string>;
}

function worldOf(all: readonly Drawn[], foreignAt: number): World {
  const points = all.map((one, index): PointRecord => {
    const name = `p${index}`;
    const taken = new Date(NOW - one.age * DAY - index * 1000).toISOString();
    return point(name, {
      takenAt: taken,
      expires: new Date(NOW - one.age * DAY + one.life * DAY).toISOString(),
      hold: one.hold,
      members: [
        ...(one.volumes ? [volume(name, "data-0", { createdAt: taken })] : []),
        ...(one.vms || !one.volumes ? [vmMember(name, "a-1")] : []),
      ],
    });
  });
  const order = [...points].sort(
    (one, other) => Date.parse(one.takenAt ?? "") - Date.parse(other.takenAt ?? ""),
  );
  const chain: VmSnapshot[] = [];
  const hang = (changed: Partial<VmSnapshot>, name: string): void => {
    chain.push(vmSnapshot(name, "a-1", chain.at(-1)?.reference, changed));
  };
  order.forEach(({ name, members }, index) => {
    if (index === foreignAt) {
      hang({ reference: "foreign", name: "VM Backup", description: "" }, "foreign");
    }
    if (members.some(({ kind }) => kind === "virtualMachine")) {
      hang({}, name);
    }
  });
  return {
    points,
    facts: (name) => ({
      provenAt: all[Number(name.slice(1))]?.proven === true ? "2026-11-24T00:00:00Z" : undefined,
      broken: false,
      remaining: [],
      unfinished: false,
    }),
    handles: new Set([
      "handle-foreign",
      ...points.flatMap(({ members }) =>
        members.flatMap((member) => (member.kind === "volume" ? [member.handle] : [])),
      ),
    ]),
    chain,
    restoring: new Set(all.flatMap((one, index) => (one.restoring ? [`p${index}`] : []))),
  };
}

/** Does what the plans say, in their order; the fake vCenter refuses nothing, as the real one does. */
function execute(world: World, named: string | undefined): void {
  const { points, facts, chain, handles } = world;
  const foreign = volume("foreign", "data-0");
  const live = cluster(points, {});
  const decisions =
    named === undefined
      ? decideDue(points, facts, {}, 72, new Date(NOW))
      : points
          .filter(({ name }) => name === named)
          .filter((one) => namedRefusal(one, points, facts, new Date(NOW)) === undefined)
          .map(({ name }) => ({ name, scope: "point" as const, reason: "" }));
  const seen = liveSnapshots(
    {
      ...live,
      contents: [...live.contents, liveContent(foreign)],
      restoring: [...world.restoring].map((name) => ({
        claim: `atom/copy-of-${name}`,
        snapshot: `atom/${name}.data-0`,
      })),
    },
    [vm("a-1", chain)],
  );
  const expiring = { className: "atom-snapshots", liveSnapshots: seen };
  for (const plan of planExpiry(decisions, points, expiring)) {
    if (plan.refusals.length > 0 || plan.unknown.length > 0) {
      continue;
    }
    for (const { handle } of plan.vms) {
      const position = chain.findIndex(({ reference }) => reference === handle);
      ok(position >= 0, `${handle} is removed twice`);
      ok(
        position === chain.length - 1,
        `${handle} is removed from below ${chain.at(-1)?.reference ?? ""}`,
      );
      chain.splice(position, 1);
    }
    for (const { name } of plan.volumes.contents) {
      const content = seen.cluster.state === "read" ? seen.cluster.value.contents : [];
      const handle = content.find((one) => one.name === name)?.handle ?? "";
      ok(handles.delete(handle), `${handle} is removed twice`);
    }
  }
}

/** What may never go, worked out from the draw alone. */
function untouchable({ points, facts }: World): readonly string[] {
  const holding = points.filter(({ members }) => members.some(({ kind }) => kind === "volume"));
  const newest = [...holding].sort(
    (one, other) => Date.parse(other.takenAt ?? "") - Date.parse(one.takenAt ?? ""),
  );
  const last = newest.find(({ name }) => facts(name).provenAt !== undefined) ?? newest[0];
  return [
    ...holding.filter(({ hold }) => hold).map(({ name }) => name),
    ...(last === undefined ? [] : [last.name]),
  ];
}

describe("plans of removal, executed", () => {
  it("never remove what is held, newest proven, in use or foreign", () => {
    fc.assert(
      fc.property(
        fc.array(drawn, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 8 }),
        fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
        (all, foreignAt, named) => {
          const world = worldOf(all, foreignAt);
          const foreign = world.chain.some(({ reference }) => reference === "foreign");
          execute(world, named === undefined ? undefined : `p${named}`);
          ok(world.handles.has("handle-foreign"));
          deepStrictEqual(
            world.chain.some(({ reference }) => reference === "foreign"),
            foreign,
          );
          for (const name of untouchable(world)) {
            ok(world.handles.has(`handle-${name}-data-0`), `${name} was removed`);
          }
          for (const { name, hold, members } of world.points) {
            const vms = members.some(({ kind }) => kind === "virtualMachine");
            const volumes = members.some(({ kind }) => kind === "volume");
            const kept = world.chain.some(({ reference }) => reference === `snapshot-${name}-a-1`);
            ok(!hold || !vms || kept, `the VM snapshot of ${name} was removed`);
            const used = world.restoring.has(name) && volumes;
            ok(!used || world.handles.has(`handle-${name}-data-0`), `${name} was in use`);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
