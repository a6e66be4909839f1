import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { isNeeded, noRepair, repairState } from "../../engine/repairState";
import type { StateDocument } from "../../engine/stateDocument";
import {
  classUrn,
  takenState,
  emptiedState,
  memberEntry,
  memberUrn,
  pointUrn,
  providersOnly,
} from "./observed";

function urns(document: StateDocument): string[] {
  return (document.deployment.resources ?? []).map(({ urn }) => urn);
}

describe("a repair of the engine's state", () => {
  it("drops entries and every mention of them, protected or not", () => {
    const resources = (takenState.deployment.resources ?? []).map((entry) =>
      entry.urn === classUrn
        ? {
            ...entry,
            dependencies: [memberUrn("atom-a-1"), pointUrn],
            propertyDependencies: { parameters: [memberUrn("atom-a-1")], provisioner: null },
            deletedWith: memberUrn("atom-a-1"),
          }
        : entry,
    );
    const document = { ...takenState, deployment: { ...takenState.deployment, resources } };
    const repaired = repairState(document, { ...noRepair, drop: [memberUrn("atom-a-1")] });
    ok(!urns(repaired).includes(memberUrn("atom-a-1")));
    ok(!JSON.stringify(repaired).includes(memberUrn("atom-a-1")));
    const [found] = (repaired.deployment.resources ?? []).filter(({ urn }) => urn === classUrn);
    deepStrictEqual(found?.dependencies, [pointUrn]);
    deepStrictEqual(found.propertyDependencies, { parameters: [], provisioner: null });
    ok(urns(document).includes(memberUrn("atom-a-1")), "the given document is left alone");
  });

  it("adds entries behind what they need, and keeps everything else", () => {
    const dropped = repairState(takenState, { ...noRepair, drop: [memberUrn("atom-a-2")] });
    const entry = memberEntry("atom-a-2", "snapshot-99");
    deepStrictEqual(repairState(dropped, { ...noRepair, add: [entry] }), {
      ...takenState,
      deployment: { ...takenState.deployment, pending_operations: [] },
    });
  });

  it("replaces an entry that has another object under its name", () => {
    const urn = memberUrn("atom-a-2");
    const repair = { ...noRepair, drop: [urn], add: [memberEntry("atom-a-2", "snapshot-120")] };
    const [entry] = (repairState(takenState, repair).deployment.resources ?? []).filter(
      (candidate) => candidate.urn === urn,
    );
    strictEqual(entry?.id, "snapshot-120");
  });

  it("refuses what the engine would not accept", () => {
    const member = memberEntry("atom-a-1", "snapshot-93");
    throws(() => repairState(takenState, { ...noRepair, drop: [pointUrn] }), /it is the parent of/);
    throws(() => repairState(takenState, { ...noRepair, add: [member] }), /in the state already/);
    throws(
      () => repairState(providersOnly, { ...noRepair, add: [member] }),
      /needs .*RestorePoint::pre-24.1, which is not there/,
    );
    throws(() => repairState(emptiedState, { ...noRepair, add: [member] }), /vsphere::vsphere/);
  });

  it("forgets creations that a killed run left pending only when asked to", () => {
    const pending = [
      { type: "creating", resource: memberEntry("atom-b-2", "") },
      { type: "updating", resource: memberEntry("atom-a-1", "snapshot-93") },
    ];
    const deployment = { ...takenState.deployment, pending_operations: pending };
    const document = { ...takenState, deployment };
    const forget = { ...noRepair, forgetPendingCreations: true };
    ok(
      isNeeded(document, forget) && !isNeeded(document, noRepair) && !isNeeded(takenState, forget),
    );
    deepStrictEqual(repairState(document, forget).deployment.pending_operations, [pending[1]]);
    deepStrictEqual(repairState(document, noRepair).deployment.pending_operations, pending);
  });
});
