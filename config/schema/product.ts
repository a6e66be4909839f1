import { namespaceName, objectName, words } from "./forms";
import type { ListNode, MapNode, TextNode } from "./node";

/** Reference of a container image; the site's own registry, so no default. */
export const image: TextNode = {
  description: "Reference of a container image that the site's nodes can pull.",
  type: "string",
  pattern: "^[A-Za-z0-9][-A-Za-z0-9._/:@]*$",
  minLength: 1,
  maxLength: 512,
  form: "an image reference such as registry.example/tools/shell:1.0",
};

function argv(description: string): ListNode {
  return {
    description,
    type: "array",
    minItems: 1,
    items: { description: "One word of it.", type: "string", minLength: 1, maxLength: 32_768 },
  };
}

const hooks: ListNode = {
  description:
    "What freezes the product for a point of `consistency: frozen`: for each hook one pod, which freezes, waits for the cut or for the end of its lease, and thaws.",
  type: "array",
  default: [],
  items: {
    description: "One hook. Hooks freeze in this order and thaw in the opposite one.",
    type: "object",
    additionalProperties: false,
    required: ["name", "namespace", "image", "freeze", "thaw"],
    properties: {
      name: { ...namespaceName, description: "Name of the hook." },
      namespace: { ...namespaceName, description: "Namespace that its pod runs in." },
      image: { ...image, description: "Image with a POSIX shell and what the commands need." },
      claims: {
        description: "Claims that are mounted, each at `/volumes/<claim>`.",
        type: "array",
        default: [],
        items: { ...objectName, description: "Name of a claim." },
      },
      freeze: argv("Command that freezes, and its arguments. Exit code 0: frozen."),
      thaw: argv("Command that thaws, and its arguments. It may run more than once."),
      leaseSeconds: {
        description:
          "Longest time frozen: after it the hook thaws by itself, whatever became of the command.",
        type: "integer",
        minimum: 5,
        maximum: 600,
        unit: "seconds",
        default: 60,
      },
      serviceAccount: { ...objectName, description: "Service account of the pod." },
    },
  },
};

const probe: MapNode = {
  description:
    "How `restore-point verify` looks at restored volumes. Absent: they are restored but no point can be proven.",
  type: "object",
  additionalProperties: false,
  required: ["image"],
  properties: {
    image: { ...image, description: "Image with a POSIX shell, `find` and `sha256sum`." },
    command: argv(
      "Command that looks at one volume, mounted read-only at `$VOLUME`; `$CLAIM` and `$NAMESPACE` name it. Exit code 0 proves it. Absent: a manifest of checksums is compared.",
    ),
    timeoutSeconds: {
      description: "Limit for one volume.",
      type: "integer",
      minimum: 10,
      maximum: 86_400,
      unit: "seconds",
      default: 600,
    },
  },
};

/** Key `product`. */
export const product: MapNode = {
  description:
    'Which volumes are ATOM\'s. "Every data volume", the scope of restore points and drift derive from it.',
  type: "object",
  additionalProperties: false,
  required: ["namespaces"],
  properties: {
    namespaces: {
      description: "Namespaces that ATOM runs in.",
      type: "array",
      minItems: 1,
      items: { ...namespaceName, description: "Name of a namespace." },
    },
    selector: {
      ...words,
      description: "Label selector that narrows the claims. Absent: all claims of the namespaces.",
    },
    workloads: {
      ...words,
      description:
        "Label selector of the StatefulSets and Deployments that a point of `consistency: stopped` scales down. Absent: all of the namespaces.",
    },
    helmReleases: {
      description: "Helm releases of ATOM. Absent: all releases of the namespaces.",
      type: "array",
      items: {
        description: "One release.",
        type: "string",
        pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
        maxLength: 117,
        form: "namespace/name",
      },
    },
    hooks,
    probe,
  },
};
