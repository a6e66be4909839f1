import type { Inputs } from "../../drift/resources";
import { record, text } from "../../drift/resources";
import { oneLine } from "../../clients/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { FieldChange } from "../../engine/preview";

const MANAGER = "app.kubernetes.io/managed-by";
const STACK = "atom-backup/stack";

/** Beginnings of the labels and annotations by which tools know what they brought, whatever the object says of its manager. */
const TOOLS: Readonly<Record<string, string>> = {
  "meta.helm.sh/release-name": "Helm release",
  "kustomize.toolkit.fluxcd.io/": "Flux kustomization",
  "helm.toolkit.fluxcd.io/": "Flux Helm release",
  "argocd.argoproj.io/": "Argo CD application",
  // Argo CD's own label where nothing else is set; charts carry it as well.
  "app.kubernetes.io/instance": "application",
  "kapp.k14s.io/": "kapp application",
  "objectset.rio.cattle.io/": "k3s add-on or Rancher object set",
  "addon.k3s.io/": "k3s add-on",
  "addonmanager.kubernetes.io/": "add-on manager",
  "crossplane.io/": "Crossplane composite",
  // Longhorn makes its classes anew from its ConfigMap.
  "longhorn.io/last-applied-configmap": "Longhorn ConfigMap",
  "olm.": "operator",
  "operators.coreos.com/": "operator",
};

/**
 * Why an object is somebody else's, in a sentence; undefined when nobody claims it. An object that two manage changes
 * back and forth, and is removed by whichever of them is uninstalled first.
 */
export function foreignOwner(live: ClusterObject, declared: Inputs): string | undefined {
  const wanted = record(record(declared["metadata"])["labels"]);
  const found = live.metadata.labels ?? {};
  const owners = ownerReferences(live);
  if (owners.length > 0) {
    return `It belongs to ${owners.join(", ")}, which makes it and removes it: give the declared one another name.`;
  }
  const stack = found[STACK];
  if (stack !== undefined && stack !== text(wanted[STACK])) {
    return (
      `It belongs to stack ${stack} (label ${STACK}): one object cannot be of two stacks. Give the declared one ` +
      "another name, or end the other stack with ./atom down first."
    );
  }
  const manager = found[MANAGER];
  if (manager !== undefined && manager !== text(wanted[MANAGER])) {
    return (
      `It is managed by ${manager} (label ${MANAGER}), which would change it back or remove it. Take it out of ` +
      "there first and remove the label, or give the declared one another name."
    );
  }
  const marks = { ...live.metadata.annotations, ...found };
  for (const [start, tool] of Object.entries(TOOLS)) {
    const mark = Object.keys(marks).find((key) => key.startsWith(start));
    if (mark !== undefined) {
      return (
        `It is brought by ${tool} ${oneLine(marks[mark] ?? "")} (${mark}), which would change it back or remove it. ` +
        "Take it out of there first and remove that mark, or give the declared one another name."
      );
    }
  }
  return undefined;
}

/** Whether a difference is a label of ours that the object lacks; a label with another value is a real difference. */
export function isMissingLabel({ path, from }: FieldChange): boolean {
  return from === undefined && path.startsWith("metadata.labels");
}

function ownerReferences({ metadata }: ClusterObject): string[] {
  const references = (metadata as { readonly ownerReferences?: readonly OwnerReference[] })
    .ownerReferences;
  return (references ?? []).map(({ kind, name }) => `${kind} ${name}`);
}

interface OwnerReference {
  readonly kind: string;
  readonly name: string;
}
