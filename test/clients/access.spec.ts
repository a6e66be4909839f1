import { deepStrictEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { tmpdir } from "node:os";

import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import { closeAccess, openCluster, openVcenter, readFrom } from "../../clients/access";
import type { Site } from "../../planning/site";

describe("opening the live systems", () => {
  const site: Site = parseSite(readConfiguration("lab").raw);

  it("cannot tell without a kubeconfig", async () => {
    const kubeconfig = join(tmpdir(), "atom-there-is-no-such-file");
    deepStrictEqual(await openCluster(site, kubeconfig), {
      state: "unknown",
      why: `There is no kubeconfig at ${kubeconfig}: set KUBECONFIG to the file of the cluster that is meant.`,
    });
  });

  it("cannot tell without a password", async () => {
    deepStrictEqual(await openVcenter(site, undefined), {
      state: "unknown",
      why:
        "The password of administrator@vsphere.local at vCenter 127.0.0.1:8989 is not known: set " +
        "PULUMI_CONFIG_PASSPHRASE so that vcenterPassword can be opened, or VSPHERE_PASSWORD.",
    });
  });

  it("opens a vCenter without asking it, and cannot tell where nothing listens", async () => {
    const virtualMachines =
      site.virtualMachines === undefined
        ? undefined
        : { ...site.virtualMachines, server: "127.0.0.1:1" };
    const vcenter = await openVcenter({ ...site, virtualMachines }, "canary");
    equal(vcenter.state, "open");
    deepStrictEqual(await readFrom(vcenter, (client) => client.vms()), {
      state: "unknown",
      why: "vCenter 127.0.0.1:1 refuses connections: nothing listens there.",
    });
  });

  it("needs no vCenter where the nodes are no VMs", async () => {
    deepStrictEqual(await openVcenter({ ...site, virtualMachines: undefined }, undefined), {
      state: "notNeeded",
    });
  });

  it("minds no error of closing", async () => {
    let asked = 0;
    const client = {
      close: (): Promise<void> => {
        asked += 1;
        return Promise.reject(new Error("gone"));
      },
    };
    await closeAccess({ state: "open", client });
    await closeAccess({ state: "notNeeded" });
    equal(asked, 1);
  });
});
