import assert from "node:assert/strict";
import { storagePaths } from "../../lab/dataPaths";
import { NO_DATA_PORTS } from "../../lab/dataServices";
import { kwokStages } from "../../lab/kwokStages";
import { labPaths } from "../../lab/paths";
import { chooseDataPorts } from "../../lab/ports";
import { isService } from "../../lab/service";
import { labServices } from "../../lab/services";

const PORTS = { etcd: 1, etcdPeer: 2, apiserver: 3, controllerManager: 4, vcenter: 5 };

describe("the services of the lab's data plane", () => {
  const services = labServices(labPaths("/checkout"), { ...PORTS, data: NO_DATA_PORTS });
  const data = services.filter(({ part }) => part === "data");

  it("are told from each other and from those of another checkout by their command lines", () => {
    const others = labServices(labPaths("/other"), { ...PORTS, data: NO_DATA_PORTS });
    for (const one of [...services, ...others]) {
      const argv = [`/bin/${one.binary}`, ...one.args];
      const same = [...services, ...others].filter((service) => isService(service, argv));
      assert.deepEqual(same, [one], one.name);
    }
  });

  it("listen on loopback only", () => {
    for (const { name, args } of data) {
      const addresses = args.filter((arg) => /(?:endpoint|listen|address)=/.test(arg));
      assert.ok(addresses.length > 0, name);
      for (const address of addresses) {
        assert.match(address, /=(?:127\.0\.0\.1(?::\d+)?|(?:unix:\/\/)?\/.*\.sock)$/, name);
      }
    }
  });

  it("have different free ports", async () => {
    const ports = Object.values(await chooseDataPorts());
    assert.equal(ports.length, data.length);
    assert.equal(new Set(ports).size, data.length);
  });

  it("have a socket that Linux takes, however deep the checkout lies", () => {
    assert.equal(storagePaths(labPaths("/checkout")).socket, "/checkout/.lab/run/csi.sock");
    const deep = storagePaths(labPaths(`/${"deep/".repeat(30)}one`)).socket;
    const other = storagePaths(labPaths(`/${"deep/".repeat(30)}two`)).socket;
    assert.ok(deep.length <= 100, deep);
    assert.notEqual(deep, other);
  });

  it("leave the pods of Jobs to the runner", () => {
    const stages = kwokStages()
      .split("\n---\n")
      .map(
        (text) =>
          JSON.parse(text) as {
            metadata: { name: string };
            spec: { resourceRef: { kind: string }; selector: { matchExpressions: object[] } };
          },
      );
    assert.deepEqual(
      stages.map(({ metadata }) => metadata.name),
      ["pod-runs", "pod-ends", "node-joins"],
    );
    const ofJobs = { key: ".metadata.ownerReferences.[].kind", operator: "NotIn", values: ["Job"] };
    for (const { spec } of stages.filter((stage) => stage.spec.resourceRef.kind === "Pod")) {
      assert.ok(
        spec.selector.matchExpressions.some(
          (one) => JSON.stringify(one) === JSON.stringify({ jq: ofJobs }),
        ),
      );
    }
  });
});
