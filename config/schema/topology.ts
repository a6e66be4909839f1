import { labelKey, labelValue, objectName } from "./forms";
import type { MapNode } from "./node";

/** Key `topology`. */
export const topology: MapNode = {
  description: "The failure-domain sites of the installation and the nodes that stand in them.",
  type: "object",
  additionalProperties: false,
  required: ["sites"],
  properties: {
    siteLabel: {
      ...labelKey,
      description:
        "Node label that names the site. Every storage node must carry it: a node without counts as a site of its own with some backends.",
      default: "topology.kubernetes.io/zone",
    },
    sites: {
      description: "The sites, data sites first by custom. Order has no meaning.",
      type: "array",
      minItems: 1,
      items: {
        description: "One failure domain: a building, a room or a rack row that fails as a whole.",
        type: "object",
        additionalProperties: false,
        required: ["name", "storageNodes"],
        properties: {
          name: {
            ...labelValue,
            description: "Value of the site label on the nodes of this site.",
          },
          locatedIn: {
            ...labelValue,
            description:
              "Only for a witness that stands in the building of another site: the name of that site. It falls with it and never counts as a third site.",
          },
          storageNodes: {
            description:
              "Kubernetes node names that may hold replicas; in a witness site those that run the tie-breaker.",
            type: "array",
            items: { ...objectName, description: "Kubernetes node name." },
          },
          controlPlaneNodes: {
            description: "Number of control-plane (etcd) nodes in this site.",
            type: "integer",
            minimum: 0,
            unit: "nodes",
            default: 0,
          },
          role: {
            description: "`data` holds replicas, `witness` only votes.",
            type: "string",
            enum: ["data", "witness"],
            default: "data",
          },
        },
      },
    },
  },
};
