import { inParallel } from "../clients/parallel";
import { volumeMembers } from "../planning/pointMembers";
import type { PointLab } from "../test/cli/support/pointLab";
import { CLAIM_SPEC, IN_FLIGHT, NAMESPACE, onManyVolumes, untilBound } from "./manyVolumes";

const NAME = "db";
const PODS = 5;
const TEMPLATES = Array.from({ length: 10 }, (_, index) => `data-${index}`);
const VOLUMES = PODS * TEMPLATES.length;

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
  return onManyVolumes(makeVolumes, async (lab) => {
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
  });
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
    const metadata = {
      name: `bare-${claim}`,
      namespace: NAMESPACE,
      annotations: { "volume.kubernetes.io/selected-node": node?.metadata.name ?? "" },
    };
    const dataSource = { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name };
    const spec = { ...CLAIM_SPEC, dataSource };
    await cluster.create(
      { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec },
      "bench",
    );
  });
  await untilBound(lab, VOLUMES * 2);
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
  await untilBound(lab, VOLUMES);
  return seconds;
}

async function makeVolumes(lab: PointLab): Promise<void> {
  // Nothing is in the volumes that could be read.
  lab.edit(["product", "probe"], undefined);
  const labels = { app: NAME };
  await lab.cluster.create(
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
        volumeClaimTemplates: TEMPLATES.map((name) => ({ metadata: { name }, spec: CLAIM_SPEC })),
      },
    },
    "bench",
  );
  await untilBound(lab, VOLUMES);
}
