import type { ClusterClient } from "../../clients/kubernetes/client";
import { SystemError } from "../../clients/error";
import type { ObservationSource, SourceAnswers } from "../../planning/backends/observation";
import { linstorResources, mayastorVolumes } from "../../clients/storage/rest";

/** What all sources answered, or why one did not. */
export type Answered =
  | { readonly state: "read"; readonly answers: SourceAnswers }
  | { readonly state: "unknown"; readonly why: string };

/** Asks every source once; one that fails leaves nothing to be said, for a half of the truth reads like the whole. */
export async function readSources(
  client: ClusterClient,
  sources: Readonly<Record<string, ObservationSource>>,
): Promise<Answered> {
  try {
    const answers = await Promise.all(
      Object.entries(sources).map(
        async ([name, source]) => [name, await readSource(client, source)] as const,
      ),
    );
    return { state: "read", answers: Object.fromEntries(answers) };
  } catch (error) {
    if (error instanceof SystemError) {
      return { state: "unknown", why: error.message };
    }
    throw error;
  }
}

async function readSource(
  client: ClusterClient,
  source: ObservationSource,
): Promise<readonly unknown[]> {
  if (source.kind === "list") {
    return client.list(source.apiVersion, source.object, { namespace: source.namespace });
  }
  switch (source.system) {
    case "linstor":
      return linstorResources(source.api);
    case "mayastor":
      return mayastorVolumes(source.api);
  }
}
