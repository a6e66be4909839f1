import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";

import { vcenterServer } from "../../../lab/environment";
import { desiredOf, member, point } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { labUuid } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const again = "Run the command again to go on from here.";
const taken = "CreateSnapshot_Task";

// What this cannot show: a vCenter that is slow under load, or an ESXi host that loses its datastore in the middle.
describe("a cut at a vCenter that goes wrong", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(async () => {
    await lab.faults([]);
    await lab.clear([]);
  });

  const nodes = ["atom-a-1", "atom-b-1"];
  const desired = desiredOf(nodes.map((name) => member(name, { uuid: labUuid(name) })));
  const object = (name: string): string => `VM snapshot atom.lab.pre-24.1 of ${name}: `;
  const fails = async (message: string, apiTimeoutMinutes = 1): Promise<void> =>
    rejects(lab.deploy(desired, [point()], { apiTimeoutMinutes }), {
      name: "DeployError",
      message,
    });

  /** Runs again: each machine has one snapshot afterwards, and nothing is left to do. */
  async function recovers(expected: readonly string[]): Promise<void> {
    await lab.faults([]);
    const steps = await lab.deploy(desired, [point()]);
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      expected,
    );
    for (const name of nodes) {
      equal((await lab.vm(name)).snapshots.length, 1, name);
    }
    const left = await lab.plan(desired, [point()]);
    deepStrictEqual(
      left.map(({ kind }) => kind),
      ["same", "same"],
    );
  }

  /** What a run that failed has done, and how long it took at most. */
  async function within(milliseconds: number, run: () => Promise<void>): Promise<void> {
    const begin = Date.now();
    await run();
    const took = Date.now() - begin;
    ok(took < milliseconds, `it took ${took} ms`);
  }

  it("waits for a slow task, and no longer than it may", async () => {
    await lab.faults([{ method: taken, taskMs: 700, count: 1 }]);
    await lab.deploy(desired, [point()]);
    await recovers(["same", "same"]);
  });

  it("gives up a task that takes too long, and takes over later what it made", async () => {
    const { reference } = await lab.vm("atom-a-1");
    await lab.faults([{ method: taken, vm: "atom-a-1", taskMs: 1500 }]);
    await within(1500, () =>
      rejects(lab.deploy(desired, [point()], { apiTimeoutMinutes: 0.005 }), (error: Error) => {
        equal(
          error.message.replace(/task-\d+/, "task-N"),
          `${object("atom-a-1")}Cutting the snapshot atom.lab.pre-24.1 of ${reference}: the task task-N has not ended ` +
            "within 0.005 min and still runs in vCenter; wait for it there and run the command again, which takes over " +
            `what it made. ${again}`,
        );
        return true;
      }),
    );
    await recovers(["adopt", "create"]);
  });

  it("tries a busy machine again for seven seconds, and cuts nothing meanwhile", async () => {
    const { reference } = await lab.vm("atom-a-1");
    await lab.faults([{ method: taken, fault: "TaskInProgress", message: "Another task runs" }]);
    await within(12_000, () =>
      fails(
        `${object("atom-a-1")}Cutting the snapshot atom.lab.pre-24.1 of ${reference}: vCenter refused: Another task runs ` +
          `(TaskInProgress). ${again}`,
      ),
    );
    deepStrictEqual(await lab.snapshots(), []);
    await recovers(["create", "create"]);
  });

  it("stops at the machine that is refused, and keeps what was cut before it", async () => {
    const { reference } = await lab.vm("atom-b-1");
    const message = "The operation is not allowed in the current state";
    await lab.faults([{ method: taken, vm: "atom-b-1", fault: "InvalidState", message }]);
    await fails(
      `${object("atom-b-1")}Cutting the snapshot atom.lab.pre-24.1 of ${reference}: vCenter refused: ${message} ` +
        `(InvalidState). ${again}`,
    );
    await recovers(["same", "create"]);
  });

  it("logs in again when its session is lost in the middle", async () => {
    await lab.faults([
      { method: taken, fault: "NotAuthenticated", stage: "call", count: 1, skip: 1 },
    ]);
    await lab.deploy(desired, [point()]);
    await recovers(["same", "same"]);
  });

  it("says so when it is not let in again", async () => {
    await lab.faults([
      { method: taken, fault: "NotAuthenticated", stage: "call" },
      { method: "Login", fault: "InvalidLogin", stage: "call" },
    ]);
    await fails(
      `${object("atom-a-1")}vCenter does not accept user administrator@vsphere.local with the password it was given: ` +
        `check virtualMachines.user and the secret vcenterPassword. ${again}`,
    );
    await lab.faults([]);
    deepStrictEqual(await lab.snapshots(), []);
    await recovers(["create", "create"]);
  });

  const silent = (): string =>
    `${object("atom-a-1")}vCenter ${vcenterServer(lab.record)} closed the connection without an answer. ${again}`;

  it("takes over what was cut when the answer was lost, by name and mark", async () => {
    await lab.faults([{ method: taken, drop: "after", count: 1 }]);
    await fails(silent());
    await recovers(["adopt", "create"]);
  });

  it("cuts what was not cut when the request was lost", async () => {
    await lab.faults([{ method: taken, drop: "before", count: 1 }]);
    await fails(silent());
    deepStrictEqual(await lab.snapshots(), []);
    await recovers(["create", "create"]);
  });
});
