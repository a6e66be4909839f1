import type { ClusterClient } from "../../clients/kubernetes/client";
import { isKubernetes, record, referenceFrom, text } from "../../drift/resources";
import { kindKey } from "../../drift/types";
import type { DesiredState } from "../../engine/program/desiredState";
import { finding, type Finding } from "./finding";

/** Every declared kind has to be served in the declared version; snapshot CRDs above all, which no cluster brings. */
export async function checkKinds(client: ClusterClient, desired: DesiredState): Promise<Finding[]> {
  const brought = desired.registrations
    .filter(({ inputs }) => inputs["kind"] === "CustomResourceDefinition")
    .map(({ inputs }) => text(record(record(inputs["spec"])["names"])["kind"]));
  const kinds = desired.registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => referenceFrom(inputs))
    .map((kind) => [kindKey(kind.apiVersion, kind.kind), kind] as const);
  const found = [...new Map(kinds).values()].map(async ({ apiVersion, kind }) => {
    if (brought.includes(kind) || (await client.resource(apiVersion, kind)) !== undefined) {
      return [];
    }
    const group = apiVersion.split("/")[0] ?? "";
    const versions = await client.servedVersions(group);
    const served =
      versions.length === 0 ? "the group is not served at all" : `it serves ${versions.join(", ")}`;
    return [
      finding("kind-served", `${kind} of ${apiVersion}`, [
        "error",
        `The API server does not serve ${kind} of ${apiVersion}; ${served}.`,
        group.endsWith("snapshot.storage.k8s.io")
          ? "Install the CRDs of external-snapshotter and its snapshot-controller, 8.4 or newer for groups, or set snapshots.installController: true, or (for groups) snapshots.group: never."
          : "Install what brings this kind, or correct the backend in the stack file.",
      ]),
    ];
  });
  return (await Promise.all(found)).flat();
}
