import * as apiextensions from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";
import type { Companion, KubernetesObject } from "../planning/plan";
import { present } from "./present";

/**
 * With server-side apply a field that another manager has set is a conflict. Settings of a backend are set by its own
 * controller; the declared fields, and only these, are ours by the operator's decision.
 */
const FORCE_PATCH = { "pulumi.com/patchForce": "true" };

/**
 * Kinds whose loss loses data stay when they are dropped from the program, and nothing but an edit of the program
 * can drop them.
 */
const PROTECTED: pulumi.CustomResourceOptions = { protect: true, retainOnDelete: true };

/**
 * Giving a patched field up removes it where no other manager holds it, and after a forced patch none does: a setting
 * would lose its value. Dropped from the program, it stays as it is.
 */
const PATCHED: pulumi.CustomResourceOptions = { retainOnDelete: true };

/**
 * Declares one object beside the storage classes: owned, or patched in the declared fields only.
 *
 * @throws Error for a kind of Kubernetes itself, for which the typed class has to be used.
 */
export function companionObject(
  name: string,
  companion: Companion,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const { object } = companion;
  requireCustomKind(object);
  const options = companion.protect ? { ...opts, ...PROTECTED } : opts;
  if (companion.hold === "own") {
    return new apiextensions.CustomResource(name, custom(object, {}), options);
  }
  return new apiextensions.CustomResourcePatch(name, custom(object, FORCE_PATCH), {
    ...PATCHED,
    ...options,
  });
}

function custom(
  object: KubernetesObject,
  annotations: Readonly<Record<string, string>>,
): apiextensions.CustomResourceArgs {
  const { labels, annotations: own, ...identity } = object.metadata;
  return {
    ...object,
    metadata: {
      ...identity,
      ...present("labels", { ...labels }),
      ...present("annotations", { ...own, ...annotations }),
    },
  };
}

/** Groups of custom resources are domain names other than those of Kubernetes itself. */
function requireCustomKind(object: KubernetesObject): void {
  const [group, version] = object.apiVersion.split("/");
  if (version === undefined || group === undefined || !group.includes(".")) {
    throw new Error(
      `${object.apiVersion} ${object.kind} is no custom resource: declare it with its typed class`,
    );
  }
}
