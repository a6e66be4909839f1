import { equal } from "node:assert/strict";

import { machineUuid, nodeOf } from "../../../restorepoint/schedule/ownMachine";
import { MACHINES } from "../../support/sites";

describe("the machine that a command runs on", () => {
  const [node] = MACHINES.nodes;

  it("is the VM of a node with its UUID, in either order of bytes", () => {
    equal(nodeOf(node?.uuid ?? "", MACHINES.nodes), node);
    equal(nodeOf("01a72142-0000-0040-8000-000000000000", MACHINES.nodes), node);
    equal(nodeOf("01a72142-0000-0040-8000-0000000000ff", MACHINES.nodes), undefined);
  });

  it("is unknown where nothing can be read", () => {
    equal(machineUuid("/nonexistent/product_uuid"), undefined);
  });
});
