import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabApi } from "../../../lab/api";

/** An object as the API server gives it, as far as these tests look at it. */
export interface Seen {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** An object, or undefined if there is none. */
export async function look(api: LabApi, at: string): Promise<Seen | undefined> {
  const { status, text } = await api.get(at);
  assert.ok(status === 200 || status === 404, text);
  return status === 200 ? (JSON.parse(text) as Seen) : undefined;
}

/** Objects of a collection. */
export async function lookAll(api: LabApi, at: string): Promise<readonly Seen[]> {
  const { status, text } = await api.get(at);
  assert.equal(status, 200, text);
  return (JSON.parse(text) as { items: readonly Seen[] }).items;
}

/** Asks until the answer is there, at most 90 seconds: a watch on CRDs that were away is opened again after up to 60. */
export async function soon<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 90_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > end) {
      assert.fail(`not within 90 s: ${what}`);
    }
    await sleep(50);
  }
}

/** Waits until there is no object any more. */
export async function gone(api: LabApi, at: string): Promise<void> {
  await soon(`the end of ${at}`, async () =>
    (await look(api, at)) === undefined ? true : undefined,
  );
}

/** Waits until a snapshot or group of snapshots says that it is ready. */
export async function readyToUse(api: LabApi, at: string): Promise<Seen> {
  return await soon(`${at} ready`, async () => {
    const seen = await look(api, at);
    return seen?.status?.["readyToUse"] === true ? seen : undefined;
  });
}

/** SHA-256 of every file below a folder, by its path: equal for folders that hold the same bytes. */
export function contents(folder: string): Record<string, string> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names
      .filter((name) => fs.statSync(path.join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash("sha256")
          .update(fs.readFileSync(path.join(folder, name)))
          .digest("hex"),
      ]),
  );
}
