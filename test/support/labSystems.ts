import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { connectCluster } from "../../clients/kubernetes/connect";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { DesiredState, Registration } from "../../engine/program/desiredState";
import type { StackState } from "../../engine/stackState";
import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../../lab/credentials";
import { vcenterServer } from "../../lab/environment";
import { LAB_STORAGE_NODES } from "../../lab/inventory";
import type { Site } from "../../planning/site";
import { labPaths } from "../../lab/paths";
import type { LabRecord } from "../../lab/record";
import type { Access } from "../../clients/access";
import { snapshotInputs, isSnapshot } from "../../drift/resources";
import type { LiveState } from "../../drift/types";
import { readLive } from "../../drift/readLive";
import { VcenterClient } from "../../clients/vcenter/client";
import { runTask } from "../../clients/vcenter/task";
import type { Vm, VmSnapshot } from "../../clients/vcenter/vms";
import { erase, pidsOf, up } from "../lab/support/labs";
import { SoapClient } from "../lab/support/soap";

/** BIOS UUID of the lab's machine of a node. */
export function labUuid(node: string): string {
  const found = LAB_STORAGE_NODES.find(({ name }) => name === node);
  if (found === undefined) {
    throw new Error(`the lab has no storage node ${node}`);
  }
  return found.uuid;
}

/** What a machine of the simulator is made; see lab/vcenter/fixtures.go. */
export interface VmFixture {
  readonly vm: string;
  readonly power?: "poweredOn" | "poweredOff" | "suspended";
  readonly tools?: string;
  readonly consolidationNeeded?: boolean;
  readonly sharedBus?: string;
  readonly passthrough?: boolean;
  readonly mac?: string;
  readonly freeBytes?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly disks?: readonly {
    readonly file: string;
    readonly bytes: number;
    readonly mode?: string;
    readonly volume?: string;
    readonly raw?: string;
  }[];
}

interface TakeRequest {
  readonly name: string;
  readonly description?: string;
  readonly memory?: boolean;
  readonly quiesce?: boolean;
}

/** Takes a snapshot of a VM (by reference) as an administrator would. */
export async function takeByHand(
  vcenter: VcenterClient,
  vm: string,
  { name, description = "", memory = false, quiesce = false }: TakeRequest,
): Promise<void> {
  const target = { type: "VirtualMachine", value: vm };
  const call = ["CreateSnapshot_Task", target, { name, description, memory, quiesce }] as const;
  await runTask(vcenter, call, `Taking the snapshot ${name} of ${vm}`, { timeoutMs: 60_000 });
}

/** A lab of its own with clients of both systems. */
export class LabSystems {
  private constructor(
    readonly root: string,
    readonly record: LabRecord,
    readonly cluster: ClusterClient,
    readonly vcenter: VcenterClient,
  ) {}

  static async up(): Promise<LabSystems> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "atom-deploy-test-")));
    return LabSystems.connect(root, await up(root));
  }

  /** Clients of a lab that runs. */
  static async connect(root: string, record: LabRecord): Promise<LabSystems> {
    const cluster = await connectCluster({ kubeconfig: labPaths(root).kubeconfig });
    const vcenter = new VcenterClient({
      server: vcenterServer(record),
      user: LAB_VCENTER_USER,
      password: LAB_VCENTER_PASSWORD,
      allowUnverifiedSsl: true,
    });
    return new LabSystems(root, record, cluster, vcenter);
  }

  async down(): Promise<void> {
    await this.close();
    await erase(this.root);
  }

  async close(): Promise<void> {
    await this.vcenter.close();
    await this.cluster.close();
  }

  get labDir(): string {
    return labPaths(this.root).lab;
  }

  get access(): {
    readonly cluster: Access<ClusterClient>;
    readonly vcenter: Access<VcenterClient>;
  } {
    return {
      cluster: { state: "open", client: this.cluster },
      vcenter: { state: "open", client: this.vcenter },
    };
  }

  live(
    desired: DesiredState,
    state: StackState = { resources: [], pendingCreations: [] },
    site: Pick<Site, "virtualMachines"> = { virtualMachines: undefined },
  ): Promise<LiveState> {
    return readLive({ desired, state, site: { nodeBackups: {}, ...site }, ...this.access });
  }

  /** Makes declared objects and VM snapshots as they are declared; they live then, and no state records them. */
  async make(declared: readonly Registration[]): Promise<void> {
    for (const { type, inputs } of declared) {
      if (isSnapshot(type)) {
        const { virtualMachineUuid, snapshotName: name, ...request } = snapshotInputs(inputs);
        const vm = (await this.vcenter.vms()).find(({ uuid }) => uuid === virtualMachineUuid);
        await this.take(vm?.reference ?? virtualMachineUuid, { name, ...request });
      } else {
        await this.cluster.create(inputs as unknown as ClusterObject, "atom-backup");
      }
    }
  }

  /** Takes a snapshot of a machine (by reference) by hand; a product's are taken by the engine. */
  take(vm: string, request: TakeRequest): Promise<void> {
    return takeByHand(this.vcenter, vm, request);
  }

  async vm(name: string): Promise<Vm> {
    const found = (await this.vcenter.vms()).find((vm) => vm.name === name);
    if (found === undefined) {
      throw new Error(`no machine ${name}`);
    }
    return found;
  }

  async snapshots(): Promise<readonly VmSnapshot[]> {
    return (await this.vcenter.vms()).flatMap(({ snapshots }) => snapshots);
  }

  /** Makes the simulator go wrong by its rules; none puts it right again. */
  faults(rules: readonly object[]): Promise<void> {
    return this.control("/lab/faults", rules);
  }

  /** Makes machines what the fixtures say, and all others what they were; none puts all right again. */
  fixtures(vms: readonly VmFixture[]): Promise<void> {
    return this.control("/lab/machines", vms);
  }

  private async control(path: string, body: readonly object[]): Promise<void> {
    const client = new SoapClient(this.record.ports.vcenter);
    const secret = Buffer.from(`${LAB_VCENTER_USER}:${LAB_VCENTER_PASSWORD}`).toString("base64");
    const headers = { Authorization: `Basic ${secret}` };
    const { status, text } = await client.http("PUT", path, JSON.stringify(body), headers);
    client.close();
    if (status >= 300) {
      throw new Error(text);
    }
  }

  /** Holds a service of the lab still, as a hanging machine would be, while something is done. */
  async frozen<T>(service: string, action: () => Promise<T>): Promise<T> {
    const [pid] = pidsOf(this.root, this.record)[service] ?? [];
    if (pid === undefined) {
      throw new Error(`${service} does not run`);
    }
    process.kill(pid, "SIGSTOP");
    try {
      return await action();
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }

  /** Takes away what tests made. */
  async clear(
    objects: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
    }[] = CLASSES,
  ): Promise<void> {
    for (const reference of objects) {
      await this.cluster.delete(reference, undefined);
    }
    for (const { reference } of [...(await this.snapshots())].reverse()) {
      await this.vcenter.removeSnapshot(reference, { timeoutMs: 60_000 });
    }
  }
}

/** The classes that the fixtures of the comparison declare. */
const CLASSES = [
  { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "atom-replicated" },
  { apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshotClass", name: "atom-snapshots" },
];
