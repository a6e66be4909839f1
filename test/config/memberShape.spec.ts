import { deepStrictEqual, throws } from "node:assert/strict";

import { memberProblems } from "../../config/memberShape";
import { projectRoot } from "../../config/projectRoot";

const OF_A_MACHINE = "A member of kind virtualMachine has node, uuid, handle";

describe("members of a point, by kind", () => {
  it("names each key that is missing, and each that is of another kind", () => {
    const member = { kind: "virtualMachine", node: "atom-a-1", uuid: "u", claim: "data" };
    deepStrictEqual(memberProblems({ members: [member] }), [
      {
        path: "members[0].handle",
        value: undefined,
        message: "is missing",
        allowed: OF_A_MACHINE,
      },
      {
        path: "members[0].claim",
        value: '"data"',
        message: "belongs to no member of kind virtualMachine",
        allowed: OF_A_MACHINE,
      },
    ]);
  });
});

describe("the project's folder", () => {
  it("is missed where the program was moved out of its checkout", () => {
    throws(() => projectRoot("/"), { message: "Pulumi.yaml was found neither in / nor above it" });
  });
});
