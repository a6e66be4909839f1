import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { fieldText } from "../clients/kubernetes/object";
import { inParallel } from "../clients/parallel";
import { labPaths } from "../lab/paths";
import { volumeMembers } from "../planning/pointMembers";
import { leastRights } from "../test/cli/support/leastRights";
import { PointLab } from "../test/cli/support/pointLab";

const NAMESPACE = "many";
const NAME = "db";
const PODS = 5;
const TEMPLATES = Array.from({ length: 10 }, (_, index) => `data-${index}`);
const VOLUMES = PODS * TEMPLATES.length;

/** Requests in flight of the bare client. */
const IN_FLIGHT = 64;

/** A rollback, beside a bare client that restores the same snapshots into claims. */
export interface RolledBench {
  readonly volumes: number;
  /** Of the whole command, and of the part in which the product is stopped. */
  readonly seconds: number;
  readonly stoppedSeconds: number;
  readonly bareSeconds: number;
}

/** Rolls 50 volumes of a StatefulSet back on a lab of its own. */
export async function rollback(): Promise<RolledBench> {
  const lab = await PointLab.up();
  try {
    lab.group("never");
    await makeVolumes(lab);
    lab.edit(["product", "namespaces"], [NAMESPACE]);
    // Nothing is in the volumes that could be read.
    lab.edit(["product", "probe"], undefined);
    const file = join(labPaths(lab.root).lab, "stacks", "Pulumi.lab.yaml");
    await leastRights(lab.root, lab.cluster, { root: lab.root, file });
    await lab.done([
      ...["restore-point", "create", "many", "--release", "24.1"],
      ...["--consistency", "crash", "--virtual-machines", "none"],
    ]);
    const bareSeconds = await restoreBare(lab);
    const begin = performance.now();
    await lab.done(["rollback", "many"]);
    const seconds = (performance.now() - begin) / 1000;
    const entries = (await lab.point("many"))?.journal.entries ?? [];
    const at = (event: string, step: string): number =>
      Date.parse(entries.find((one) => one.event === event && one.step === step)?.at ?? "");
    const stoppedSeconds = (at("ended", "start") - at("begun", "stop")) / 1000;
    return { volumes: VOLUMES, seconds, stoppedSeconds, bareSeconds };
  } finally {
    await lab.down();
  }
}

/** Claims with the point's snapshots as their source, and the wait until each has its volume, and nothing else. */
async function restoreBare(lab: PointLab): Promise<number> {
  const { cluster } = lab;
  const members = volumeMembers((await lab.point("many")) ?? { members: [] });
  const [node] = await cluster.list("v1", "Node", {
    labelSelector: "topology.kubernetes.io/zone=a",
  });
  const begin = performance.now();
  await inParallel(members, IN_FLIGHT, async ({ claim, snapshot: name }) => {
    await cluster.create(
      claimObject(`bare-${claim}`, {
        annotations: { "volume.kubernetes.io/selected-node": node?.metadata.name ?? "" },
        spec: { dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name } },
      }),
      "bench",
    );
  });
  await bound(lab, VOLUMES * 2);
  const seconds = (performance.now() - begin) / 1000;
  await inParallel(members, IN_FLIGHT, ({ claim: name }) =>
    cluster.delete(
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: NAMESPACE,
        name: `bare-${name}`,
      },
      undefined,
    ),
  );
  await bound(lab, VOLUMES);
  return seconds;
}

function claimObject(
  name: string,
  {
    annotations,
    spec = {},
  }: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: object;
  } = {},
) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: NAMESPACE, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "atom-replicated",
      resources: { requests: { storage: "1Mi" } },
      ...spec,
    },
  };
}

/** Waits until so many claims are there, all with their volumes. */
async function bound({ cluster }: PointLab, count: number): Promise<void> {
  for (;;) {
    const all = await cluster.list("v1", "PersistentVolumeClaim", { namespace: NAMESPACE });
    const done = all.filter((claim) => fieldText(claim, "status", "phase") === "Bound");
    if (all.length === count && done.length === count) {
      return;
    }
    await pause(100);
  }
}

async function makeVolumes(lab: PointLab): Promise<void> {
  const { cluster } = lab;
  await cluster.create(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    "bench",
  );
  const labels = { app: NAME };
  await cluster.create(
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        replicas: PODS,
        serviceName: NAME,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: "idle",
                image: "lab.example/shell:1",
                volumeMounts: TEMPLATES.map((name) => ({ name, mountPath: `/volumes/${name}` })),
              },
            ],
          },
        },
        volumeClaimTemplates: TEMPLATES.map((name) => {
          const { spec } = claimObject(name);
          return { metadata: { name }, spec };
        }),
      },
    },
    "bench",
  );
  await bound(lab, VOLUMES);
}
