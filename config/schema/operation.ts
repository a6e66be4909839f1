import { dateTime, namespaceName, objectName, uuid, words } from "./forms";
import type { ListNode, MapNode, NumberNode } from "./node";
import { image } from "./product";

/** Key `cluster`. */
export const cluster: MapNode = {
  description: "Which cluster this stack belongs to.",
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    context: {
      ...words,
      description: "Context of the kubeconfig. Absent: its current context.",
    },
    clusterUid: {
      ...uuid,
      description:
        "UID of the namespace kube-system. Written at the first install; another cluster is then refused.",
    },
    namespace: {
      ...namespaceName,
      description: "Namespace of this program's own objects.",
      default: "atom-backup",
    },
  },
};

function kept(description: string): NumberNode {
  return { description, type: "integer", minimum: 1, maximum: 10_000 };
}

/** Key `retention`. */
export const retention: MapNode = {
  description:
    "Which restore points are kept beyond their `expires`: one that any rule keeps is kept. Empty: only `expires` counts.",
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    keepLast: kept("The newest so many."),
    maxAgeDays: { ...kept("All that are no older."), unit: "days" },
    daily: { ...kept("The newest of each of the last so many days, in UTC."), unit: "days" },
    weekly: { ...kept("The newest of each of the last so many ISO weeks."), unit: "weeks" },
    monthly: { ...kept("The newest of each of the last so many months."), unit: "months" },
  },
};

const hostPath = {
  ...words,
  pattern: "^/[^\\u0000-\\u001f\\u007f]*$",
  form: "an absolute path on the node",
} as const;

/** Key `nodeBackups`. */
export const nodeBackups: MapNode = {
  description: "Backups of the whole cluster beside restore points.",
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    etcd: {
      description:
        "Snapshots of etcd, taken by a job on a control-plane node and checked there. A point of `consistency: stopped` takes one. Copy the folder off the cluster: a file on a node is no backup.",
      type: "object",
      additionalProperties: false,
      required: ["endpoints", "node", "image", "folder"],
      properties: {
        endpoints: {
          description: "Client addresses of etcd as seen from the node.",
          type: "array",
          minItems: 1,
          items: {
            description: "One address.",
            type: "string",
            pattern: "^https?://[^\\s/]+$",
            maxLength: 300,
            form: "an address such as https://127.0.0.1:2379",
          },
        },
        node: { ...objectName, description: "Control-plane node that the job runs on." },
        caFile: { ...hostPath, description: "Certificate of etcd's authority." },
        certFile: { ...hostPath, description: "Client certificate." },
        keyFile: { ...hostPath, description: "Key of the client certificate." },
        image: {
          ...image,
          description: "Image with etcdctl, etcdutl, a POSIX shell and sha256sum.",
        },
        folder: { ...hostPath, description: "Folder on the node that the snapshots are put in." },
        timeoutSeconds: {
          description: "Limit of the job.",
          type: "integer",
          minimum: 10,
          maximum: 86_400,
          unit: "seconds",
          default: 300,
        },
      },
    },
  },
};

/** Key `waivers`. */
export const waivers: ListNode = {
  description:
    "The only way past a failing rule. Each is shown in every report; an expired one blocks `./atom up`, never a rollback.",
  type: "array",
  default: [],
  items: {
    description: "One rule that may fail for one subject until a day.",
    type: "object",
    additionalProperties: false,
    required: ["rule", "subject", "who", "why", "until"],
    properties: {
      rule: { ...words, description: "Id of the rule, as the problem prints it." },
      subject: {
        ...words,
        description: "What the rule fails for: the key path, as the problem prints it.",
      },
      who: { ...words, description: "Who answers for it." },
      why: { ...words, description: "Why it is acceptable." },
      until: { ...dateTime, description: "When it ends." },
    },
  },
};
