import { setTimeout as sleep } from "node:timers/promises";
import type { LabApi } from "./api";
import { LabError } from "./error";

/** A Job of one pod whose command the lab's runner executes. */
export interface LabJob {
  readonly namespace: string;
  readonly name: string;
  /** Node to run on; default where the scheduler puts it. */
  readonly node?: string;
  /** Program and arguments; a POSIX shell and the usual tools of this machine are there. */
  readonly command: readonly string[];
  /** Claims of the namespace, by the folder that they are mounted at. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Folders of the node, by the folder that they are mounted at; they are made if need be. */
  readonly hostFolders?: Readonly<Record<string, string>>;
  /** Whether it may run on a control-plane node; default false. */
  readonly onControlPlane?: boolean;
}

/** How long a Job may take, in milliseconds. */
const JOB_MS = 60_000;

/** Runs a Job to its end and removes it. @throws LabError if it fails or takes more than a minute. */
export async function runJob(api: LabApi, job: LabJob): Promise<void> {
  const at = `/apis/batch/v1/namespaces/${job.namespace}/jobs/${job.name}`;
  await api.apply(at, JSON.stringify(jobObject(job)));
  try {
    await finished(api, at, job);
  } finally {
    await api.delete(at);
  }
}

function jobObject(job: LabJob): object {
  const { namespace, name, node, command, onControlPlane = false } = job;
  const mounts = [
    ...Object.entries(job.claims ?? {}).map(([mountPath, claimName], index) => ({
      volume: { name: `claim-${index}`, persistentVolumeClaim: { claimName } },
      mount: { name: `claim-${index}`, mountPath },
    })),
    ...Object.entries(job.hostFolders ?? {}).map(([mountPath, path], index) => ({
      volume: { name: `host-${index}`, hostPath: { path, type: "DirectoryOrCreate" } },
      mount: { name: `host-${index}`, mountPath },
    })),
  ];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: JOB_MS / 1000,
      template: {
        spec: {
          restartPolicy: "Never",
          ...(node === undefined ? {} : { nodeName: node }),
          ...(onControlPlane ? { tolerations: [{ operator: "Exists" }] } : {}),
          containers: [
            {
              name: "job",
              // The runner executes commands with this machine's own programs; the image is only named.
              image: "registry.atom.example/atom/tools:lab",
              command,
              terminationMessagePolicy: "FallbackToLogsOnError",
              volumeMounts: mounts.map(({ mount }) => mount),
            },
          ],
          volumes: mounts.map(({ volume }) => volume),
        },
      },
    },
  };
}

interface JobStatus {
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; message?: string }[];
  };
}

async function finished(api: LabApi, at: string, job: LabJob): Promise<void> {
  const what = `Job ${job.namespace}/${job.name}`;
  const end = Date.now() + JOB_MS;
  for (;;) {
    const { status, text } = await api.get(at);
    const conditions =
      status === 200 ? ((JSON.parse(text) as JobStatus).status?.conditions ?? []) : [];
    const done = (type: string): string | undefined =>
      conditions.find((one) => one.type === type && one.status === "True")?.message ?? undefined;
    if (conditions.some((one) => one.type === "Complete" && one.status === "True")) {
      return;
    }
    if (conditions.some((one) => one.type === "Failed" && one.status === "True")) {
      const why = (await podMessage(api, job)) ?? done("Failed") ?? "no reason was given";
      throw new LabError(`${what} of the lab failed: ${why}`);
    }
    if (Date.now() > end) {
      throw new LabError(
        `${what} of the lab did not end within ${JOB_MS / 1000} s. \`./atom lab status\` tells whether all of the data plane runs.`,
      );
    }
    await sleep(100);
  }
}

interface Pods {
  readonly items: readonly {
    readonly status?: {
      readonly message?: string;
      readonly containerStatuses?: readonly {
        readonly state?: { readonly terminated?: { readonly message?: string } };
      }[];
    };
  }[];
}

/** What the container said last. */
async function podMessage(api: LabApi, { namespace, name }: LabJob): Promise<string | undefined> {
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${name}`);
  const { text } = await api.get(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  const status = (JSON.parse(text) as Pods).items[0]?.status;
  const said = status?.containerStatuses?.[0]?.state?.terminated?.message ?? status?.message;
  return said === undefined || said.trim() === "" ? undefined : said.trim();
}
