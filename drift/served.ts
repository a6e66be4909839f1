import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import type { Inputs } from "./resources";
import { record, text } from "./resources";

/** The API server takes a second or so; longer means that it refuses the definition. */
const SERVED_MS = 30_000;

interface Version {
  readonly name: string;
  readonly served: boolean;
}

/**
 * Waits, where the object is a CRD, until the API server serves its kind in every version that it says: an object of
 * it that comes next would be refused until then.
 */
export async function waitUntilServed(client: ClusterClient, inputs: Inputs): Promise<void> {
  if (inputs["kind"] !== "CustomResourceDefinition") {
    return;
  }
  const spec = record(inputs["spec"]);
  const kind = text(record(spec["names"])["kind"]);
  const versions = spec["versions"] as unknown as readonly Version[];
  const end = Date.now() + SERVED_MS;
  for (const { name } of versions.filter(({ served }) => served)) {
    const apiVersion = `${text(spec["group"])}/${name}`;
    while (!(await answers(client, apiVersion, kind))) {
      if (Date.now() >= end) {
        throw new Error(
          `The API server does not serve ${kind} of ${apiVersion} ${SERVED_MS / 1000} s after its CRD was installed: ` +
            "see the conditions of the CRD.",
        );
      }
      await pause(100);
    }
  }
}

async function answers(client: ClusterClient, apiVersion: string, kind: string): Promise<boolean> {
  return (await client.resource(apiVersion, kind)) !== undefined;
}
