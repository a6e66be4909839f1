import type { DesiredState, Registration } from "../../engine/program/desiredState";
import type { Step, StepKind } from "../../drift/types";
import {
  classInputs,
  classType,
  classUrn,
  kubernetesUrn,
  memberInputs,
  memberUrn,
  pointUrn,
  snapshotType,
  stackUrn,
  storageUrn,
  vsphereUrn,
} from "./observed";
import { NO_OPTIONS } from "../support/recorder";

function registration(urn: string, change: Partial<Registration>): Registration {
  const parts = urn.split("::");
  return {
    urn,
    type: parts[2]?.split("$").at(-1) ?? "",
    name: parts[3] ?? "",
    custom: true,
    isProvider: false,
    inputs: {},
    parent: stackUrn,
    provider: undefined,
    version: undefined,
    ...NO_OPTIONS,
    ...change,
  };
}

const members = ["atom-a-1", "atom-a-2"].map((node) =>
  registration(memberUrn(node), {
    inputs: memberInputs(node),
    parent: pointUrn,
    provider: vsphereUrn,
    protect: true,
    retainOnDelete: true,
    ignoreChanges: ["*"],
  }),
);

/** What the program declares for the state in `observed.ts`. */
export const desired: DesiredState = {
  project: "atom-backup",
  stack: "lab",
  registrations: [
    registration(stackUrn, { custom: false, parent: undefined }),
    registration(kubernetesUrn, { isProvider: true }),
    registration(vsphereUrn, { isProvider: true, secretInputs: ["password"] }),
    registration(storageUrn, { custom: false, inputs: { replicationFactor: 2 } }),
    registration(pointUrn, { custom: false }),
    registration(classUrn, { inputs: classInputs, parent: storageUrn, provider: kubernetesUrn }),
    ...members,
  ],
  outputs: {},
  hooks: new Map(),
};

export function step(kind: StepKind, urn: string, id?: string): Step {
  return {
    kind,
    urn,
    type: urn === classUrn ? classType : snapshotType,
    object: urn.slice(urn.lastIndexOf("::") + 2),
    changes: [],
    reason: "",
    command: undefined,
    id,
  };
}
