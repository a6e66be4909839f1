import type { TInteger, TString, TArray } from "@sinclair/typebox";

import { controlPlane } from "./controlPlane";
import {
  absolutePath,
  dateTime,
  hostPath,
  image,
  inventoryName,
  namespaceName,
  objectName,
  span,
  uuid,
  words,
} from "./forms";
import { list, map, optional, text, whole } from "./node";
import { velero } from "./velero";

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

/** Key `targets`. */
export const targets = map(
  "What is promised of the way back; `status` compares it with what was measured. Nothing is refused by it.",
  {
    rpo: optional(text("Most that may be lost: age of the newest point that leads back.", span)),
    rto: optional(text("Longest way back: how long the last whole verification took.", span)),
  },
  { default: {} },
);

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
    dataDir: text("Folder of etcd's data on control-plane nodes.", {
      ...absolutePath,
      default: "/var/lib/etcd",
    }),
    stop: text(
      "Command by which people end etcd and the API server on a control-plane node before etcd is restored: of root, in a POSIX shell, and ended when both have ended. The default is for static pods.",
      {
        ...words,
        default:
          "mkdir -p /etc/kubernetes/stopped && find /etc/kubernetes/manifests -name '*.yaml' -exec mv -t /etc/kubernetes/stopped {} + && while pgrep -x 'etcd|kube-apiserver' >/dev/null; do sleep 1; done",
      },
    ),
    start: text("The opposite of `stop`.", {
      ...words,
      default:
        "find /etc/kubernetes/stopped -name '*.yaml' -exec mv -t /etc/kubernetes/manifests {} +",
    }),
    timeoutSeconds: whole("Limit of the job.", {
      minimum: 10,
      maximum: 86_400,
      unit: "seconds",
      default: 300,
    }),
  },
);

const images = map(
  "Images of the node VMs, off their datastores: clones that `./atom schedule run --due` makes, or those of a backup tool of your own that uses vSphere's API. One of `datastore` and `attribute`.",
  {
    datastore: optional(
      text(
        "Name of the datastore that clones are made on, in a cycle with `takes: images`. No node VM may lie on it.",
        inventoryName,
      ),
    ),
    keep: whole(
      "Clones of each VM that are kept; an older one is removed once a newer is complete.",
      {
        minimum: 1,
        maximum: 100,
        default: 2,
      },
    ),
    attribute: optional(
      text(
        "Name of the custom attribute of each VM that the tool writes when it made an image of it. Its value has a time in it: RFC 3339, or such as Tue Nov 26 23:10:00 2030.",
        words,
      ),
    ),
    maxAgeDays: whole("Age at which the newest image of a VM is a finding of `drift`.", {
      minimum: 1,
      maximum: 3650,
      unit: "days",
      default: 7,
    }),
  },
);

/** Key `nodeBackups`. */
export const nodeBackups = map(
  "Backups of the whole cluster beside restore points.",
  {
    etcd: optional(etcd),
    controlPlane: optional(controlPlane),
    velero: optional(velero),
    images: optional(images),
  },
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

function argv(description: string): TArray<TString> {
  return list(description, text("One word of it.", { minLength: 1, maxLength: 32_768 }), {
    minItems: 1,
  });
}

const hook = map("One hook. Hooks freeze in this order and thaw in the opposite one.", {
  name: text("Name of the hook.", namespaceName),
  namespace: text("Namespace that its pod runs in.", namespaceName),
  image: text("Image with a POSIX shell and what the commands need.", image),
  claims: list(
    "Claims that are mounted, each at `/volumes/<claim>`.",
    text("Name of a claim.", objectName),
    { default: [] },
  ),
  freeze: argv("Command that freezes, and its arguments. Exit code 0: frozen."),
  thaw: argv("Command that thaws, and its arguments. It may run more than once."),
  leaseSeconds: whole(
    "Longest time frozen: after it the hook thaws by itself, whatever became of the command.",
    { minimum: 5, maximum: 600, unit: "seconds", default: 60 },
  ),
  serviceAccount: optional(text("Service account of the pod.", objectName)),
});

const probe = map(
  "How `restore-point verify` looks at restored volumes. Absent: they are restored but no point can be proven.",
  {
    image: text("Image with a POSIX shell, `find` and `sha256sum`.", image),
    command: optional(
      argv(
        "Command that looks at one volume, mounted read-only at `$VOLUME`; `$CLAIM` and `$NAMESPACE` name it. Exit code 0 proves it. Absent: a manifest of checksums is compared.",
      ),
    ),
    timeoutSeconds: whole("Limit for one volume.", {
      minimum: 10,
      maximum: 86_400,
      unit: "seconds",
      default: 600,
    }),
  },
);

/** Key `product`. */
export const product = map(
  'Which volumes are ATOM\'s. "Every data volume", the scope of restore points and drift derive from it.',
  {
    namespaces: list("Namespaces that ATOM runs in.", text("Name of a namespace.", namespaceName), {
      minItems: 1,
    }),
    selector: optional(
      text("Label selector that narrows the claims. Absent: all claims of the namespaces.", words),
    ),
    workloads: optional(
      text(
        "Label selector of the StatefulSets and Deployments that a point of `consistency: stopped` scales down. Absent: all of the namespaces.",
        words,
      ),
    ),
    helmReleases: optional(
      list(
        "Helm releases of ATOM. Absent: all releases of the namespaces.",
        text("One release.", {
          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
          maxLength: 117,
          form: "namespace/name",
        }),
      ),
    ),
    hooks: list(
      "What freezes the product for a point of `consistency: frozen`: for each hook one pod, which freezes, waits until the snapshots are taken or its lease ends, and thaws.",
      hook,
      { default: [] },
    ),
    probe: optional(probe),
  },
);
