import { deepStrictEqual } from "node:assert/strict";

import type { ClusterObject } from "../../clients/kubernetes/object";
import type { PlainValue } from "../../engine/program/desiredState";
import { mergeDeclared } from "../../drift/merge";

type Fields = Readonly<Record<string, PlainValue>>;

interface Case {
  readonly title: string;
  readonly kind?: string;
  readonly live: Fields;
  readonly declared: Fields;
  readonly recorded?: Fields;
  readonly merged: Fields;
}

const cases: readonly Case[] = [
  {
    title: "sets what is declared and leaves what others set",
    live: { data: { a: "1", b: "2" }, other: true },
    declared: { data: { a: "9" } },
    merged: { data: { a: "9", b: "2" }, other: true },
  },
  {
    title: "takes away what was declared and is no longer",
    live: { data: { a: "1", b: "2" }, list: ["x"] },
    declared: { data: { a: "1" } },
    recorded: { data: { a: "1", b: "2" }, list: ["x"] },
    merged: { data: { a: "1" }, list: undefined as unknown as PlainValue },
  },
  {
    title: "leaves what was declared, is no longer, and was changed by somebody meanwhile",
    live: { data: { b: "theirs" } },
    declared: {},
    recorded: { data: { b: "2" } },
    merged: { data: { b: "theirs" } },
  },
  {
    title: "puts lists in whole",
    live: { list: ["a", "b"] },
    declared: { list: ["b"] },
    recorded: { list: ["a"] },
    merged: { list: ["b"] },
  },
  {
    title: "puts in full what decides about data",
    kind: "VolumeSnapshotClass",
    live: { driver: "d", deletionPolicy: "Delete", parameters: { stray: "1" } },
    declared: { driver: "d", deletionPolicy: "Retain", parameters: { a: "1" } },
    merged: { driver: "d", deletionPolicy: "Retain", parameters: { a: "1" } },
  },
];

describe("bringing a live object to its declaration", () => {
  for (const { title, kind = "ConfigMap", live, declared, recorded, merged } of cases) {
    it(title, () => {
      const identity = { apiVersion: "v1", kind, metadata: { name: "n", resourceVersion: "7" } };
      const before = { ...live, ...identity } as unknown as ClusterObject;
      const named = { apiVersion: "v1", kind, metadata: { name: "n" } };
      deepStrictEqual(
        mergeDeclared(
          before,
          { ...declared, ...named },
          recorded === undefined ? undefined : { ...recorded, ...named },
        ),
        { ...merged, ...identity },
      );
    });
  }
});
