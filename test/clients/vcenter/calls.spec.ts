import { deepStrictEqual, rejects } from "node:assert/strict";

import { readVms } from "../../../clients/vcenter/vms";
import type { Caller } from "../../../clients/vcenter/session";
import { runTask } from "../../../clients/vcenter/task";
import type { XmlNode } from "../../../clients/vcenter/xml";

const reference = (
  type: string,
  value: string,
): { readonly type: string; readonly value: string } => ({ type, value });

const manager: Caller["manager"] = (name) => Promise.resolve(reference("Manager", name));

/** A vCenter that gives prepared answers and writes down what it was asked. */
function prepared(
  answers: Readonly<Record<string, XmlNode[]>>,
): Caller & { readonly asked: string[] } {
  const left = new Map(Object.entries(answers).map(([method, list]) => [method, [...list]]));
  const asked: string[] = [];
  return {
    manager,
    asked,
    call: (method) => {
      asked.push(method);
      const [answer, ...rest] = left.get(method) ?? [];
      // The last answer stays.
      left.set(method, rest.length > 0 ? rest : [answer]);
      return Promise.resolve(answer === undefined ? [] : [answer]);
    },
  };
}

function property(name: string, value: XmlNode): XmlNode {
  return { name, val: value };
}

function vm(name: string, properties: readonly XmlNode[] = []): XmlNode {
  return {
    obj: { "@type": "VirtualMachine", "#text": `vm-${name}` },
    propSet: [property("name", name), ...properties],
  };
}

const view = { "@type": "ContainerView", "#text": "view-1" };

describe("reading machines", () => {
  it("goes on until the last page and ends the view", async () => {
    const caller = prepared({
      CreateContainerView: [view],
      RetrievePropertiesEx: [{ token: "1", objects: [vm("a"), vm("b")] }],
      ContinueRetrievePropertiesEx: [{ token: "2", objects: vm("c") }, { objects: vm("d") }],
    });
    deepStrictEqual(
      (await readVms(caller)).map(({ name }) => name),
      ["a", "b", "c", "d"],
    );
    deepStrictEqual(caller.asked, [
      "CreateContainerView",
      "RetrievePropertiesEx",
      "ContinueRetrievePropertiesEx",
      "ContinueRetrievePropertiesEx",
      "DestroyView",
    ]);
  });

  it("takes an empty vCenter as such", async () => {
    deepStrictEqual(await readVms(prepared({ CreateContainerView: [view] })), []);
  });

  it("reads trees with branches, parents first, and machines without a configuration", async () => {
    const tree = (reference: string, more: Readonly<Record<string, XmlNode>> = {}): XmlNode => ({
      snapshot: { "@type": "VirtualMachineSnapshot", "#text": reference },
      name: `name-${reference}`,
      description: "",
      createTime: "2026-11-23T12:00:00Z",
      ...more,
    });
    const roots = [
      tree("s1", {
        childSnapshotList: [tree("s2", { childSnapshotList: tree("s3") }), tree("s4")],
      }),
      tree("s5"),
    ];
    const caller = prepared({
      CreateContainerView: [view],
      RetrievePropertiesEx: [
        {
          objects: [
            vm("template", [property("config.uuid", "ABCD"), property("config.template", "true")]),
            vm("a", [
              property("config.uuid", "ABCD"),
              property("snapshot", { rootSnapshotList: roots }),
            ]),
          ],
        },
      ],
    });
    const [found, ...others] = await readVms(caller);
    deepStrictEqual([found?.uuid, found?.powerState, others], ["abcd", "", []]);
    deepStrictEqual(
      found?.snapshots.map(({ reference: own, parent }) => [own, parent]),
      [
        ["s1", undefined],
        ["s2", "s1"],
        ["s3", "s2"],
        ["s4", "s1"],
        ["s5", undefined],
      ],
    );
  });

  it("names hosts and datastores, whatever page they are on, and leaves out those that may not be seen", async () => {
    const named = (type: string, value: string, name: string): XmlNode => ({
      obj: { "@type": type, "#text": value },
      propSet: [property("name", name)],
    });
    const store = (value: string): XmlNode => ({ "@type": "Datastore", "#text": value });
    const caller = prepared({
      CreateContainerView: [view],
      RetrievePropertiesEx: [
        {
          token: "1",
          objects: [
            named("HostSystem", "host-1", "esx-1"),
            vm("a", [
              property("runtime.host", { "@type": "HostSystem", "#text": "host-1" }),
              property("datastore", {
                ManagedObjectReference: [store("ds-1"), store("ds-2"), store("ds-3")],
              }),
            ]),
            vm("b", [
              property("runtime.host", { "@type": "HostSystem", "#text": "host-2" }),
              property("datastore", { ManagedObjectReference: store("ds-2") }),
            ]),
            vm("c"),
          ],
        },
      ],
      ContinueRetrievePropertiesEx: [
        {
          objects: [named("Datastore", "ds-1", "local"), named("Datastore", "ds-2", "shared")],
        },
      ],
    });
    deepStrictEqual(
      (await readVms(caller)).map(({ name, host, datastores }) => [name, host, datastores]),
      [
        ["a", "esx-1", ["local", "shared"]],
        ["b", undefined, ["shared"]],
        ["c", undefined, []],
      ],
    );
  });

  it("ends the view when reading fails", async () => {
    const caller = prepared({ CreateContainerView: [view] });
    const failing: Caller = {
      manager,
      call: (method, ...rest) =>
        method === "RetrievePropertiesEx"
          ? Promise.reject(new Error("broken"))
          : caller.call(method, ...rest),
    };
    await rejects(readVms(failing), { message: "broken" });
    deepStrictEqual(caller.asked, ["CreateContainerView", "DestroyView"]);
  });
});

describe("running a task", () => {
  const info = (value: XmlNode): XmlNode => ({ objects: { propSet: property("info", value) } });
  const run = (
    states: readonly XmlNode[],
    watch: Parameters<typeof runTask>[3],
  ): ReturnType<typeof runTask> => {
    const task = { "@type": "Task", "#text": "task-7" };
    const answers = { Remove_Task: [task], RetrievePropertiesEx: states.map(info) };
    const target = reference("VirtualMachineSnapshot", "snapshot-9");
    return runTask(prepared(answers), ["Remove_Task", target, {}], "Removing x of vm-1", watch);
  };

  it("tells its progress until it has ended", async () => {
    const states = [
      { state: "queued" },
      { state: "running", progress: "40" },
      { state: "success" },
    ];
    const seen: number[] = [];
    await run(states, { timeoutMs: 10_000, onProgress: (percent) => seen.push(percent) });
    deepStrictEqual(seen, [0, 40]);
  });

  it("gives up after its time, and says that the task goes on", async () => {
    await rejects(run([{ state: "running" }], { timeoutMs: 0 }), {
      name: "VcenterError",
      failure: "timeout",
      message:
        "Removing x of vm-1: the task task-7 has not ended within 0 min and still runs in vCenter; wait for it there " +
        "and run the command again, which takes over what it made.",
    });
  });

  it("passes on the fault of a failed task", async () => {
    const error = { fault: { "@type": "vim25:FileFault" }, localizedMessage: "No space\n left." };
    await rejects(run([{ state: "error", error }], { timeoutMs: 1000 }), {
      reason: "FileFault",
      message: "Removing x of vm-1: vCenter refused: No space left (FileFault).",
    });
  });
});
