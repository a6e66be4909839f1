import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { adoptionEntries, missingProviders } from "../../engine/adoptionEntries";
import { desired } from "./desired";
import {
  classEntry,
  classUrn,
  emptiedState,
  kubernetesUrn,
  memberInputs,
  memberUrn,
  pointUrn,
  project,
  providersOnly,
  storageUrn,
  vsphereUrn,
} from "./observed";

const snapshot = { urn: memberUrn("atom-a-1"), id: "snapshot-93" };
const storageClass = { urn: classUrn, id: "atom-replicated" };

describe("entries for objects that live already", () => {
  it("bring a VM snapshot with its declared inputs and every protection, its component before it", () => {
    const [component, member] = adoptionEntries(providersOnly, desired, [snapshot]);
    strictEqual(component?.urn, pointUrn);
    strictEqual(component.custom, false);
    deepStrictEqual(member, {
      urn: memberUrn("atom-a-1"),
      custom: true,
      id: "snapshot-93",
      type: "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot",
      inputs: memberInputs("atom-a-1"),
      outputs: memberInputs("atom-a-1"),
      parent: pointUrn,
      dependencies: [],
      provider: `${vsphereUrn}::5aea8ec7-c941-4b35-807f-46229df2d449`,
      protect: true,
      retainOnDelete: true,
      ignoreChanges: ["*"],
    });
  });

  it("bring a Kubernetes object in the form that its provider compares with: inputs also as outputs", () => {
    const entry = adoptionEntries(providersOnly, desired, [storageClass]).at(-1);
    deepStrictEqual(entry?.outputs, classEntry.outputs);
    deepStrictEqual(entry?.inputs, classEntry.inputs);
    strictEqual(entry?.provider, classEntry.provider);
  });

  it("come in the order of the program, each component once", () => {
    const other = { urn: memberUrn("atom-a-2"), id: "snapshot-99" };
    const entries = adoptionEntries(providersOnly, desired, [other, snapshot, storageClass]);
    deepStrictEqual(
      entries.map(({ urn }) => urn),
      [storageUrn, classUrn, pointUrn, memberUrn("atom-a-1"), memberUrn("atom-a-2")],
    );
  });

  it("wait for providers, whose secrets only the engine can write", () => {
    deepStrictEqual(missingProviders(emptiedState, desired, [snapshot, storageClass]), [
      vsphereUrn,
      kubernetesUrn,
    ]);
    deepStrictEqual(missingProviders(providersOnly, desired, [snapshot]), []);
    throws(() => adoptionEntries(emptiedState, desired, [snapshot]), /is not in the state yet/);
  });

  it("are refused for what is not declared, and for secret inputs", () => {
    const unknown = { urn: `${project}a:b:C::x`, id: "x" };
    throws(() => adoptionEntries(providersOnly, desired, [unknown]), /declares no such object/);
    const registrations = desired.registrations.map((registration) => ({
      ...registration,
      secretInputs: ["parameters"],
    }));
    throws(
      () => adoptionEntries(providersOnly, { ...desired, registrations }, [storageClass]),
      /its inputs parameters are secret/,
    );
  });
});
