import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import type { Finding } from "./finding";
import { declaredKinds } from "./kinds";

/** What a deployment does with an object: both ways of deploying together. */
const VERBS = ["get", "list", "create", "update", "patch", "delete"] as const;

/** The user of the kubeconfig has to be allowed everything that a deployment of the declared kinds may need. */
export async function checkPermissions(
  client: ClusterClient,
  desired: DesiredState,
): Promise<Finding[]> {
  const findings = await Promise.all(
    declaredKinds(desired).map(async ({ apiVersion, kind }): Promise<Finding[]> => {
      const resource = await client.resource(apiVersion, kind);
      if (resource === undefined) {
        return [];
      }
      const { group, plural } = resource;
      const answers = await Promise.all(
        VERBS.map(async (verb) => ({
          verb,
          allowed: await client.mayI({ verb, group, resource: plural }),
        })),
      );
      const denied = answers.filter(({ allowed }) => !allowed).map(({ verb }) => verb);
      return denied.length === 0 ? [] : [deniedFinding(client, plural, group, denied)];
    }),
  );
  return findings.flat();
}

function deniedFinding(
  { context }: ClusterClient,
  plural: string,
  group: string,
  denied: readonly string[],
): Finding {
  const named = group === "" ? plural : `${plural}.${group}`;
  return {
    severity: "error",
    check: "permission",
    object: named,
    message: `The user of context ${context} may not ${denied.join(", ")} ${named}.`,
    remedy: `Grant a ClusterRole with the verbs ${denied.join(", ")} on ${named}, or use another context.`,
  };
}
