import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Registration } from "../../engine/program/desiredState";
import type { StateDocument, StateEntry } from "../../engine/stateDocument";
import { entriesOf } from "../../engine/stateDocument";
import { editState } from "../../engine/stateEdit";
import { registration } from "../drift/fixtures";
import {
  classEntry,
  classInputs,
  classUrn,
  emptiedState,
  kubernetesUrn,
  memberEntry,
  memberInputs,
  memberUrn,
  pointUrn,
  project,
  providersOnly,
  stackUrn,
  storageUrn,
  takenState,
  vsphereUrn,
} from "./observed";

function declared(urn: string, change: Partial<Registration>): Registration {
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return registration(type, name, {}, { urn, parent: stackUrn, ...change });
}

const storageClass = declared(classUrn, {
  inputs: classInputs,
  parent: storageUrn,
  provider: kubernetesUrn,
});

/** What the program declares for the state in `observed.ts`. */
const desired: readonly Registration[] = [
  declared(storageUrn, { custom: false }),
  storageClass,
  declared(pointUrn, { custom: false }),
  ...["atom-a-1", "atom-a-2"].map((node) =>
    declared(memberUrn(node), {
      inputs: memberInputs(node),
      parent: pointUrn,
      provider: vsphereUrn,
      dependsOn: node === "atom-a-2" ? [memberUrn("atom-a-1"), memberUrn("atom-b-1")] : [],
      protect: true,
      retainOnDelete: true,
      ignoreChanges: ["*"],
    }),
  ),
];

/** After a run targeted at providers and components. */
const emptied: StateDocument = {
  ...takenState,
  deployment: {
    ...takenState.deployment,
    resources: entriesOf(takenState).filter(({ urn }) => !/-vm-|storage-atom/.test(urn)),
  },
};

const snapshots = (nodes: readonly string[]): ReadonlyMap<string, string> =>
  new Map(nodes.map((node) => [memberUrn(node), `snapshot-of-${node}`]));

function entry(document: StateDocument, urn: string): StateEntry | undefined {
  return entriesOf(document).find((candidate) => candidate.urn === urn);
}

describe("removing entries from the engine's state", () => {
  it("takes every mention of them along, protected or not, and leaves the given document alone", () => {
    const resources = entriesOf(takenState).map((one) =>
      one.urn === classUrn
        ? {
            ...one,
            dependencies: [memberUrn("atom-a-1"), pointUrn],
            propertyDependencies: { parameters: [memberUrn("atom-a-1")], provisioner: null },
            deletedWith: memberUrn("atom-a-1"),
          }
        : one,
    );
    const document = { ...takenState, deployment: { ...takenState.deployment, resources } };
    const edited = editState(document, desired, { remove: [memberUrn("atom-a-1")] });
    ok(!JSON.stringify(edited).includes(memberUrn("atom-a-1")));
    strictEqual(entriesOf(edited).length, entriesOf(document).length - 1);
    const left = entry(edited, classUrn);
    deepStrictEqual(left?.dependencies, [pointUrn]);
    deepStrictEqual(left.propertyDependencies, { parameters: [], provisioner: [] });
    ok(entry(document, memberUrn("atom-a-1")) !== undefined);
  });

  it("gives the very document back where nothing is to be done", () => {
    const edit = { remove: [`${project}a:b:C::x`], imports: snapshots(["atom-a-1"]) };
    strictEqual(editState(takenState, desired, edit), takenState);
    const forget = { forgetPendingCreations: true };
    strictEqual(editState(takenState, desired, forget), takenState);
  });

  it("refuses to remove the parent of what stays", () => {
    throws(() => editState(takenState, desired, { remove: [pointUrn] }), {
      name: "EngineFailure",
      message: /RestorePoint::pre-24\.1 cannot leave the state: it is the parent of/,
    });
  });
});

describe("importing what lives into the engine's state", () => {
  it("brings a VM snapshot as the engine would have written it, with every protection", () => {
    const edited = editState(emptied, desired, { imports: snapshots(["atom-a-1"]) });
    deepStrictEqual(entry(edited, memberUrn("atom-a-1")), {
      urn: memberUrn("atom-a-1"),
      custom: true,
      id: "snapshot-of-atom-a-1",
      type: "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot",
      inputs: memberInputs("atom-a-1"),
      outputs: { ...memberInputs("atom-a-1"), id: "snapshot-of-atom-a-1" },
      parent: pointUrn,
      dependencies: [],
      provider: `${vsphereUrn}::5aea8ec7-c941-4b35-807f-46229df2d449`,
      protect: true,
      retainOnDelete: true,
      ignoreChanges: ["*"],
    });
  });

  it("brings a Kubernetes object in the form that its provider compares with", () => {
    const imports = new Map([[classUrn, "atom-replicated"]]);
    const found = entry(editState(emptied, desired, { imports }), classUrn);
    deepStrictEqual(found?.inputs, classEntry.inputs);
    deepStrictEqual(found?.outputs, classEntry.outputs);
    deepStrictEqual([found?.id, found?.provider], [classEntry.id, classEntry.provider]);
  });

  it("brings them in the order of the program, with those dependencies that are there", () => {
    const edited = editState(emptied, desired, { imports: snapshots(["atom-a-2", "atom-a-1"]) });
    deepStrictEqual(
      entriesOf(edited)
        .slice(-2)
        .map(({ urn }) => urn),
      [memberUrn("atom-a-1"), memberUrn("atom-a-2")],
    );
    deepStrictEqual(entry(edited, memberUrn("atom-a-2"))?.dependencies, [memberUrn("atom-a-1")]);
  });

  it("refuses what is not declared, what has secrets, and what has no provider or component there", () => {
    const importing =
      (document: StateDocument, urn: string, of = desired) =>
      (): unknown =>
        editState(document, of, { imports: new Map([[urn, "x"]]) });
    const refusal = (message: RegExp): object => ({ name: "EngineFailure", message });
    throws(importing(emptied, `${project}a:b:C::x`), refusal(/a:b:C::x cannot be imported/));
    const secret = [{ ...storageClass, secretInputs: ["parameters"] }];
    throws(importing(emptied, classUrn, secret), refusal(/without secrets/));
    throws(importing(emptiedState, memberUrn("atom-a-1")), refusal(/provider .*vsphere::vsphere/));
    throws(
      importing(providersOnly, memberUrn("atom-a-1")),
      refusal(/component .*RestorePoint::pre-24\.1 is not in the state/),
    );
  });
});

describe("creations that a killed run left pending", () => {
  const pending = [
    { type: "creating", resource: memberEntry("atom-b-2", "") },
    { type: "updating", resource: memberEntry("atom-a-1", "snapshot-93") },
  ];
  const document: StateDocument = {
    ...takenState,
    deployment: { ...takenState.deployment, pending_operations: pending },
  };
  const left = (edit: Parameters<typeof editState>[2]): unknown =>
    editState(document, desired, edit).deployment.pending_operations;

  it("are forgotten when asked to, other operations never", () => {
    deepStrictEqual(left({ forgetPendingCreations: true }), [pending[1]]);
    deepStrictEqual(left({}), pending);
  });

  it("go with the entry that is removed", () => {
    deepStrictEqual(left({ remove: [memberUrn("atom-a-1")] }), [pending[0]]);
  });
});
