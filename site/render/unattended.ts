import type { ClusterObject } from "../../clients/kubernetes/object";
import {
  CLONE_PRIVILEGES,
  IMAGE_PRIVILEGES,
  LOOK_PRIVILEGES,
  REVERT_PRIVILEGES,
  SNAPSHOT_PRIVILEGES,
} from "../../clients/vcenter/client";
import type { DesiredState } from "../../engine/program/desiredState";
import { labels } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import { shellQuote } from "../../planning/words";
import { LOOKER, lookerOf } from "../preflight/rights";
import { yamlDocuments } from "./manifests";

/** A file below the folder of a rendering. */
interface MadeFile {
  /** With `/`. */
  readonly file: string;
  readonly text: string;
}

/** What a stack is started with. */
export interface UnattendedInput {
  /** The checkout that a timer runs in. */
  readonly root: string;
  readonly plan: SitePlan;
  readonly desired: DesiredState;
  /** Image with the prepared checkout as its working directory; undefined: no CronJob is made. */
  readonly image: string | undefined;
}

/** Folder of these files: `kubectl apply -f DIR` does not descend into it. */
const FOLDER = "unattended";

/**
 * What runs `drift` and `schedule run --due` when nobody is there: systemd units for an admin host, a job for a pipeline,
 * and a CronJob with an account that may only look. Pure.
 */
export function unattendedFiles({ root, plan, desired, image }: UnattendedInput): MadeFile[] {
  const { stack, cluster, virtualMachines, nodeBackups } = plan.site;
  const drift = `drift --stack ${stack}`;
  const due = `schedule run --due --yes --stack ${stack}`;
  const files: readonly (readonly [file: string, comment: string, text: string])[] = [
    ...units(root, stack, "drift", "What stack S promises", drift, "hourly"),
    ...units(root, stack, "due", "Restore points of stack S", due, "*:0/5"),
    [
      "drift.gitlab-ci.yml",
      "A job for a pipeline schedule; elsewhere the line of the script is a shell step, and drift.xml its JUnit report.",
      yamlDocuments([{ [`drift-${stack}`]: pipelineJob(drift, image) }]),
    ],
    [
      "drift-rights.yaml",
      "An account that may read what drift reads in the cluster, and nothing else.",
      yamlDocuments(lookerOf(plan, desired)),
    ],
    ...(image === undefined
      ? []
      : [
          [
            "drift-cronjob.yaml",
            "Looks into the cluster alone, so that no credential of vCenter lies in it. Apply drift-rights.yaml first.",
            yamlDocuments([cronJob(stack, cluster.namespace, image)]),
          ] as const,
        ]),
    ...(virtualMachines === undefined
      ? []
      : [
          [
            "vcenter-roles.sh",
            "Roles in vCenter, for an administrator of it; set GOVC_URL and credentials. LOOKER is the user that drift logs in as.",
            vcenterRoles(virtualMachines.user, nodeBackups.images?.datastore !== undefined),
          ] as const,
        ]),
  ];
  return files.map(([file, comment, text]) => ({
    file: `${FOLDER}/${file}`,
    text: `# Made by ./atom render of stack ${stack}. ${comment}\n${text}`,
  }));
}

/** A service that runs a command once, and its timer. */
function units(
  root: string,
  stack: string,
  name: string,
  what: string,
  command: string,
  calendar: string,
): (readonly [string, string, string])[] {
  const unit = `atom-${name}-${stack}`;
  const description = what.replace(/S\b/, stack);
  return [
    [
      `${unit}.service`,
      "To /etc/systemd/system with its timer.",
      `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory=${root.replaceAll("%", "%%")}
# KUBECONFIG, and PULUMI_CONFIG_PASSPHRASE_FILE or VSPHERE_PASSWORD_FILE; for root's eyes only.
EnvironmentFile=-/etc/atom-backup/${stack}.env
ExecStart=/usr/bin/env bash ./atom ${command}
`,
    ],
    [
      `${unit}.timer`,
      `Then: systemctl enable --now ${unit}.timer`,
      `[Unit]
Description=${description}, by the clock

[Timer]
OnCalendar=${calendar}

[Install]
WantedBy=timers.target
`,
    ],
  ];
}

function pipelineJob(command: string, image: string | undefined): object {
  return {
    ...(image === undefined ? {} : { image }),
    rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }],
    script: [`./atom ${command} --junit > drift.xml`],
    artifacts: { when: "always", reports: { junit: "drift.xml" } },
  };
}

function cronJob(stack: string, namespace: string, image: string): ClusterObject {
  const ours = labels(stack);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: LOOKER, namespace, labels: ours },
    spec: {
      schedule: "17 * * * *",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          // A failed Job is the alarm; the same question again would have the same answer.
          backoffLimit: 0,
          activeDeadlineSeconds: 300,
          template: {
            metadata: { labels: ours },
            spec: {
              serviceAccountName: LOOKER,
              restartPolicy: "Never",
              securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
              containers: [
                {
                  name: "drift",
                  image,
                  command: ["./atom", "drift", "--only", "cluster", "--stack", stack],
                  terminationMessagePolicy: "FallbackToLogsOnError",
                  resources: { requests: { memory: "256Mi" }, limits: { memory: "512Mi" } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                },
              ],
            },
          },
        },
      },
    },
  };
}

/** @param clones whether images of the node VMs are made */
function vcenterRoles(user: string, clones: boolean): string {
  const look = LOOK_PRIVILEGES.join(" ");
  const more = clones ? [...IMAGE_PRIVILEGES, ...CLONE_PRIVILEGES] : [];
  const take = [...new Set([...SNAPSHOT_PRIVILEGES, ...REVERT_PRIVILEGES, ...more])].join(" ");
  const places = clones
    ? " and, as PLACES, the VMs' resource pools and networks and the datastores of VMs and images"
    : "";
  return `set -eu
govc role.create atom-backup-drift ${look}
for user in "\${LOOKER:?}" ${shellQuote(user)}; do
  govc permissions.set -principal "$user" -role atom-backup-drift -propagate=true /
done
# For what is taken of VMs and the way back; FOLDER is the one with the node VMs${places}.
govc role.create atom-backup ${look} ${take}
govc permissions.set -principal ${shellQuote(user)} -role atom-backup -propagate=true "\${FOLDER:?}"${clones ? " ${PLACES:?}" : ""}
`;
}
