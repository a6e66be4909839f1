// Shows that no resource of a released version loses its identity. What a lost one would mean on a real engine:
// removed and created again, or refused because it is protected.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../config/projectRoot";
import type { DesiredState, PlainValue, Registration } from "../../../engine/program/desiredState";
import { urnOf } from "../../../engine/program/registration";
import { collect } from "../../../engine/program/collect";
import { acceptInto, KEPT_STACKS } from "../../support/accepted";
import { stackInput, withTaking } from "../../support/stacks";

const FILE = join(projectRoot(), "test", "engine", "program", "released.json");

/** URNs by stack. With ATOM_RELEASE=1 new ones are added; none is ever taken out, a rename gets an alias instead. */
type Released = Record<string, readonly string[]>;

/** All URNs under which an engine would find the resource again. */
function identities(registration: Registration, state: DesiredState): string[] {
  return [
    registration.urn,
    ...registration.aliases.map((alias) => aliasUrn(alias, registration, state)),
  ];
}

function aliasUrn(alias: PlainValue, registration: Registration, state: DesiredState): string {
  if (typeof alias === "string") {
    return alias;
  }
  const spec = alias as Readonly<Record<string, string>>;
  return urnOf(
    spec["project"] ?? state.project,
    spec["stack"] ?? state.stack,
    "noParent" in spec ? undefined : (spec["parent"] ?? registration.parent),
    spec["type"] ?? registration.type,
    spec["name"] ?? registration.name,
  );
}

async function assertKept(name: string, state: DesiredState): Promise<void> {
  const released = JSON.parse(readFileSync(FILE, "utf8")) as Released;
  acceptInto(FILE, "ATOM_RELEASE", () => {
    const urns = new Set([...(released[name] ?? []), ...state.registrations.map((one) => one.urn)]);
    return { ...released, [name]: [...urns].sort() };
  });
  const known = new Set(state.registrations.flatMap((one) => identities(one, state)));
  const lost = (released[name] ?? []).filter((urn) => !known.has(urn));
  assert.deepEqual(lost, [], "renamed or moved without an alias");
}

describe("the resources of released versions", () => {
  for (const stack of KEPT_STACKS) {
    it(`keep their names in ${stack}`, async () => {
      await assertKept(stack, await collect(stackInput(stack)));
    });
  }

  it("keep their names in a restore point", async () => {
    await withTaking(async (input) => {
      const state = await collect(input);
      assert.equal(state.registrations.filter((one) => one.retainOnDelete).length, 6);
      await assertKept("lab with a point", state);
    });
  });

  it("would be missed: a renamed one is lost without an alias and found with one", () => {
    const urn = urnOf("p", "s", undefined, "a:b:C", "old");
    const renamed = { urn: urnOf("p", "s", undefined, "a:b:C", "new"), type: "a:b:C", name: "new" };
    const state = { project: "p", stack: "s" } as DesiredState;
    const bare = { ...renamed, aliases: [] as PlainValue[] } as unknown as Registration;
    assert.equal(identities(bare, state).includes(urn), false);
    assert.equal(identities({ ...bare, aliases: [{ name: "old" }] }, state).includes(urn), true);
  });
});
