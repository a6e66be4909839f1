import assert from "node:assert/strict";
import { realpathSync } from "node:fs";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { readLabRecord } from "../../../lab/index";
import { soon } from "../../lab/support/objects";
import { LabSystems } from "../../support/labSystems";
import { Checkout, type AtomRun } from "./checkout";

/** A checkout whose lab stack `./atom up` has deployed to a lab of its own, with clients of both systems. */
export interface DeployedLab {
  readonly checkout: Checkout;
  /** What the first `./atom up` said. */
  readonly first: AtomRun;
  readonly systems: LabSystems;
}

let shared: Promise<DeployedLab> | undefined;

/** One such lab for all test files of a run, brought up at the first question. Tests leave it as they found it. */
export function sharedDeployedLab(): Promise<DeployedLab> {
  shared ??= deploy();
  return shared;
}

// Loaded by a test file, this is a hook of the whole run.
after(async () => {
  const running = await shared;
  await running?.systems.close();
  await running?.checkout.done(["lab", "down"]);
  running?.checkout.remove();
});

async function deploy(): Promise<DeployedLab> {
  const checkout = Checkout.create();
  const first = await checkout.done(["up"]);
  const record = readLabRecord(checkout.root);
  assert.ok(record !== undefined);
  return {
    checkout,
    first,
    systems: await LabSystems.connect(realpathSync(checkout.root), record),
  };
}

/** A volume of the class and its claim in the namespace `default`, which the controller binds. */
export class BoundVolume {
  private constructor(
    private readonly cluster: ClusterClient,
    readonly name: string,
  ) {}

  /** The volume as a provisioner would leave it, and the claim. @param name of both */
  static async make(cluster: ClusterClient, name: string): Promise<BoundVolume> {
    const one = new BoundVolume(cluster, name);
    const spec = {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "atom-replicated",
      volumeMode: "Filesystem",
    };
    const volume = {
      ...spec,
      capacity: { storage: "1Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: "lab.csi.atom.example", volumeHandle: name },
      claimRef: { namespace: "default", name },
    };
    const resources = { requests: { storage: "1Gi" } };
    const { claim, pv } = one.references;
    const made = [
      { ...pv, metadata: { name }, spec: volume },
      {
        ...claim,
        metadata: { name, namespace: "default" },
        spec: { ...spec, volumeName: name, resources },
      },
    ];
    for (const object of made) {
      await cluster.create(object, "by-hand");
    }
    await soon("the claim bound", async () => {
      const { phase } = (await cluster.get(claim))?.["status"] as { readonly phase?: string };
      return phase === "Bound" ? phase : undefined;
    });
    return one;
  }

  /** UIDs of claim and volume. */
  async uids(): Promise<readonly (string | undefined)[]> {
    const { claim, pv } = this.references;
    const objects = await Promise.all([claim, pv].map((one) => this.cluster.get(one)));
    return objects.map((object) => object?.metadata.uid);
  }

  async remove(): Promise<void> {
    const { claim, pv } = this.references;
    await this.cluster.delete(claim, undefined);
    await this.cluster.delete(pv, undefined);
  }

  private get references() {
    const { name } = this;
    return {
      claim: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "default", name },
      pv: { apiVersion: "v1", kind: "PersistentVolume", name },
    };
  }
}
