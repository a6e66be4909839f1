import { labelKey, labelValue, objectName } from "./forms";
import { choice, flag, list, map, optional, text, whole } from "./node";

const site = map("One failure domain: a building, a room or a rack row that fails as a whole.", {
  name: text("Value of the site label on the nodes of this site.", labelValue),
  locatedIn: optional(
    text(
      "Only for a witness that stands in the building of another site: the name of that site. It falls with it and never counts as a third site.",
      labelValue,
    ),
  ),
  storageNodes: list(
    "Kubernetes node names that may hold replicas; in a witness site those that run the tie-breaker.",
    text("Kubernetes node name.", objectName),
  ),
  controlPlaneNodes: whole("Number of control-plane (etcd) nodes in this site.", {
    maximum: 99,
    unit: "nodes",
    default: 0,
  }),
  converged: flag(
    "Whether the control-plane nodes of this site are storage nodes as well: a lost storage node then takes a vote of etcd with it.",
    false,
  ),
  role: choice("`data` holds replicas, `witness` only votes.", ["data", "witness"], {
    default: "data",
  }),
});

/** Key `topology`. */
export const topology = map(
  "The failure-domain sites of the installation and the nodes that stand in them.",
  {
    siteLabel: text(
      "Node label that names the site. Every storage node must carry it: a node without counts as a site of its own with some backends.",
      { ...labelKey, default: "topology.kubernetes.io/zone" },
    ),
    sites: list("The sites, data sites first by custom. Order has no meaning.", site, {
      minItems: 1,
    }),
  },
);
