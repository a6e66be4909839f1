import type { TInteger, TString } from "@sinclair/typebox";

import { dateTime, image, namespaceName, objectName, uuid, words } from "./forms";
import { list, map, optional, text, whole } from "./node";

/** Key `cluster`. */
export const cluster = map(
  "Which cluster this stack belongs to.",
  {
    context: optional(text("Context of the kubeconfig. Absent: its current context.", words)),
    clusterUid: optional(
      text(
        "UID of the namespace kube-system. Written at the first install; another cluster is then refused.",
        uuid,
      ),
    ),
    namespace: text("Namespace of this program's own objects.", {
      ...namespaceName,
      default: "atom-backup",
    }),
  },
  { default: {} },
);

function kept(description: string, unit?: string): TInteger {
  return whole(description, {
    minimum: 1,
    maximum: 10_000,
    ...(unit === undefined ? {} : { unit }),
  });
}

/** Key `retention`. A point that any rule keeps is kept. */
export const retention = map(
  "Which restore points are kept beyond their `expires`: one that any rule keeps is kept. Empty: only `expires` counts.",
  {
    keepLast: optional(kept("The newest so many.")),
    maxAgeDays: optional(kept("All that are no older.", "days")),
    daily: optional(kept("The newest of each of the last so many days, in UTC.", "days")),
    weekly: optional(kept("The newest of each of the last so many ISO weeks.", "weeks")),
    monthly: optional(kept("The newest of each of the last so many months.", "months")),
  },
  { default: {} },
);

function hostPath(description: string): TString {
  return text(description, {
    ...words,
    pattern: "^/[^\\u0000-\\u001f\\u007f]*$",
    form: "an absolute path on the node",
  });
}

const etcd = map(
  "Snapshots of etcd, taken by a job on a control-plane node and checked there. A point of `consistency: stopped` takes one. Copy the folder off the cluster: a file on a node is no backup.",
  {
    endpoints: list(
      "Client addresses of etcd as seen from the node.",
      text("One address.", {
        pattern: "^https?://[^\\s/]+$",
        maxLength: 300,
        form: "an address such as https://127.0.0.1:2379",
      }),
      { minItems: 1 },
    ),
    node: text("Control-plane node that the job runs on.", objectName),
    caFile: optional(hostPath("Certificate of etcd's authority.")),
    certFile: optional(hostPath("Client certificate.")),
    keyFile: optional(hostPath("Key of the client certificate.")),
    image: text("Image with etcdctl, etcdutl, a POSIX shell and sha256sum.", image),
    folder: hostPath("Folder on the node that the snapshots are put in."),
    timeoutSeconds: whole("Limit of the job.", {
      minimum: 10,
      maximum: 86_400,
      unit: "seconds",
      default: 300,
    }),
  },
);

/** Key `nodeBackups`. */
export const nodeBackups = map(
  "Backups of the whole cluster beside restore points.",
  { etcd: optional(etcd) },
  { default: {} },
);

/** The only way past a failing rule; shown everywhere. Its end is judged by commands that have a clock. */
export const waiver = map("One rule that may fail for one subject until a day.", {
  rule: text("Id of the rule, as the problem prints it.", words),
  subject: text("What the rule fails for: the key path, as the problem prints it.", words),
  who: text("Who answers for it.", words),
  why: text("Why it is acceptable.", words),
  until: text("When it ends.", dateTime),
});

/** Key `waivers`. */
export const waivers = list(
  "The only way past a failing rule. Each is shown in every report; an expired one blocks `./atom up`, never a rollback.",
  waiver,
  { default: [] },
);
