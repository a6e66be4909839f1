import { dateTime, namespaceName, uuid, words } from "./forms";
import type { ListNode, MapNode } from "./node";

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
