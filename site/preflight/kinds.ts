import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import { isKubernetes, record, referenceFrom, text } from "../../drift/resources";
import type { Finding } from "./finding";

/** A kind in one version of its API. */
export interface DeclaredKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The kinds that the program declares, each once. */
export function declaredKinds({ registrations }: DesiredState): DeclaredKind[] {
  const kinds = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => referenceFrom(inputs))
    .map(({ apiVersion, kind }) => [`${apiVersion}|${kind}`, { apiVersion, kind }] as const);
  return [...new Map(kinds).values()];
}

/** Every declared kind has to be served in the declared version; snapshot CRDs above all, which no cluster brings. */
export async function checkKinds(client: ClusterClient, desired: DesiredState): Promise<Finding[]> {
  const brought = desired.registrations
    .filter(({ inputs }) => inputs["kind"] === "CustomResourceDefinition")
    .map(({ inputs }) => text(record(record(inputs["spec"])["names"])["kind"]));
  const kinds = declaredKinds(desired).filter(({ kind }) => !brought.includes(kind));
  const findings = await Promise.all(kinds.map((kind) => checkKind(client, kind)));
  return findings.flat();
}

async function checkKind(
  client: ClusterClient,
  { apiVersion, kind }: DeclaredKind,
): Promise<Finding[]> {
  if ((await client.resource(apiVersion, kind)) !== undefined) {
    return [];
  }
  const group = apiVersion.split("/")[0] ?? "";
  const versions = await client.servedVersions(group);
  const served =
    versions.length === 0 ? "the group is not served at all" : `it serves ${versions.join(", ")}`;
  return [
    {
      severity: "error",
      check: "kind-served",
      object: `${kind} of ${apiVersion}`,
      message: `The API server does not serve ${kind} of ${apiVersion}; ${served}.`,
      remedy: group.endsWith("snapshot.storage.k8s.io")
        ? "Install the CRDs of external-snapshotter and its snapshot-controller, 8.4 or newer for groups, or set snapshots.installController: true, or (for groups) snapshots.group: never."
        : "Install what brings this kind, or correct the backend in the stack file.",
    },
  ];
}
