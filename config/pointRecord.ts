import { readFileSync } from "node:fs";

import { isLiving, memberKey } from "../planning/pointMembers";
import type { MemberMarks, PointMember, PointState, RestorePointFile } from "../planning/site";
import { writeAtomically } from "./atomicFile";
import { pointDigest } from "./pointDigest";
import { parsePoint } from "./pointFile";
import type { KeyPath } from "./rawConfiguration";
import { editYaml } from "./yamlEdit";

// Everything here is synchronous on purpose: a hook writes members while others are being cut, and a read, a change
// and a write that nothing comes between need no lock.

/**
 * Allows the cut: the next deployment takes the members.
 *
 * @throws Error when the point was cut already or is past it.
 */
export function markTaking(path: string): void {
  change(path, (point) => {
    if (point.state === "taking") {
      return [];
    }
    if (point.takenAt !== undefined || !["planned", "failed"].includes(point.state)) {
      const when =
        point.takenAt === undefined ? `is ${point.state}` : `was cut at ${point.takenAt}`;
      throw new Error(`Restore point ${point.name} ${when} and is never cut again`);
    }
    return [[["state"], "taking"]];
  });
}

/**
 * Writes down members that were cut, in one write. A member that is there already changes nothing; another reference
 * for it is an error, and so is any member after the cut was ended.
 */
export function recordMembers(path: string, taken: readonly PointMember[]): void {
  change(path, (point) => {
    const known = new Map(point.members.map((member) => [memberKey(member), member]));
    const added: PointMember[] = [];
    for (const member of taken) {
      const there = known.get(memberKey(member));
      if (there !== undefined && reference(there) === reference(member)) {
        continue;
      }
      if (there !== undefined || point.takenAt !== undefined) {
        const recorded = there === undefined ? "without it" : `with ${reference(there)}`;
        throw new Error(
          `Restore point ${point.name} is recorded ${recorded}; ${reference(member)} of ${subject(member)} is not written down`,
        );
      }
      added.push(member);
      known.set(memberKey(member), member);
    }
    if (added.length === 0) {
      return [];
    }
    // By key: members are cut at once, and the order in which they end is no part of the record.
    const members = [...point.members, ...added]
      .sort((one, other) => (memberKey(one) < memberKey(other) ? -1 : 1))
      .map(written);
    return [[["members"], members]];
  });
}

/** Takes members of a cut that was not ended out of the record again: those that a failed cut has removed. */
export function forgetMembers(path: string): void {
  change(path, (point) => {
    if (point.takenAt !== undefined) {
      throw new Error(`Restore point ${point.name} was cut at ${point.takenAt}; its members stay`);
    }
    return point.members.length === 0 ? [] : [[["members"], []]];
  });
}

function reference(member: PointMember): string {
  return member.kind === "etcd" ? member.file : member.handle;
}

function subject(member: PointMember): string {
  return member.kind === "volume" ? `${member.namespace}/${member.claim}` : member.node;
}

/** UUIDs are compared, and some systems print them in capitals. */
function lowerCase(member: PointMember): Partial<Record<"uuid" | "uid", string>> {
  switch (member.kind) {
    case "virtualMachine":
      return { uuid: member.uuid.toLowerCase() };
    case "volume":
      return { uid: member.uid.toLowerCase() };
    case "etcd":
      return {};
  }
}

/** As it stands in the file: without keys that are not set. */
function written(member: PointMember): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries({ ...member, ...lowerCase(member) }).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined,
    ),
  );
}

/**
 * Ends the cut: state `ready`, the time and the digest, in one write.
 *
 * @param takenAt - RFC 3339.
 */
export function completeTake(path: string, takenAt: string): void {
  change(path, (point) => {
    if (point.takenAt !== undefined) {
      throw new Error(`Restore point ${point.name} was cut at ${point.takenAt} already`);
    }
    const digest = pointDigest({ ...point, takenAt });
    return [
      [["state"], "ready"],
      [["takenAt"], takenAt],
      [["digest"], digest],
    ];
  });
}

/** Writes down that a member was found missing. @param key - from `memberKey`. @param at - RFC 3339. */
export function markLost(path: string, key: string, at: string): void {
  markMembers(path, [key], "lost", at);
}

/** Writes down that members were removed on purpose, in one write. @param at - RFC 3339. */
export function markExpired(path: string, keys: readonly string[], at: string): void {
  markMembers(path, keys, "expiredAt", at);
}

/** Begins the removal of a point that was cut; the program lifts the members' protection then. Repeatable. */
export function markExpiring(path: string): void {
  change(path, (point) => {
    if (point.takenAt === undefined) {
      throw new Error(`Restore point ${point.name} is ${point.state} and was never cut`);
    }
    return point.state === "expiring" || point.state === "expired" ? [] : [[["state"], "expiring"]];
  });
}

/** Ends a point of which nothing is left: every member that is not lost, and the state, in one write. @param at - RFC 3339. */
export function endPoint(path: string, at: string): void {
  change(path, (point) => [
    ...point.members.flatMap((member, position): readonly Change[] =>
      isLiving(member) ? [[["members", position, "expiredAt"], at]] : [],
    ),
    ...(point.state === "expired" ? [] : [[["state"], "expired"] as const]),
  ]);
}

/** Sets the state. */
export function setState(path: string, state: PointState): void {
  change(path, () => [[["state"], state]]);
}

function markMembers(
  path: string,
  keys: readonly string[],
  mark: keyof MemberMarks,
  at: string,
): void {
  change(path, (point) =>
    keys.flatMap((key): readonly Change[] => {
      const position = point.members.findIndex((member) => memberKey(member) === key);
      if (position < 0) {
        throw new Error(`Restore point ${point.name} has no member ${key}`);
      }
      return point.members[position]?.[mark] === undefined
        ? [[["members", position, mark], at]]
        : [];
    }),
  );
}

type Change = readonly [KeyPath, Parameters<typeof editYaml>[1][number]["value"]];

function change(path: string, decide: (point: RestorePointFile) => readonly Change[]): void {
  const text = readFileSync(path, "utf8");
  const changes = decide(parsePoint(text, path));
  if (changes.length === 0) {
    return;
  }
  const next = editYaml(
    text,
    changes.map(([at, value]) => ({ path: at, value })),
  );
  // What is written must be readable: a fault here would lose the only record of a cut.
  parsePoint(next, path);
  writeAtomically(path, next);
}
