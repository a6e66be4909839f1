import { join } from "node:path";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { waitFor } from "../../../clients/wait";
import { runGo } from "../../../lab/go";
import { projectDir } from "../../../lab/paths";
import { vendorsDefinitions, type Definition } from "./vendorKinds";

/** Where makers publish the definitions of their kinds: a module that a go.mod of the lab pins, and folders of it. */
const PLACES = {
  velero: ["github.com/vmware-tanzu/velero", "config/crd/v1/bases", "config/crd/v2alpha1/bases"],
  prometheus: [
    "github.com/prometheus-operator/prometheus-operator",
    "example/prometheus-operator-crd",
  ],
} as const;

/** Definitions as their makers publish them, by name. @param of also the folder of the go.mod below `lab/` */
export async function moduleCrds(
  of: keyof typeof PLACES,
): Promise<ReadonlyMap<string, Definition>> {
  const [module, ...folders] = PLACES[of];
  const go = (...args: readonly string[]): Promise<string> =>
    runGo(args, {
      cwd: join(projectDir(), "lab", of),
      env: process.env,
      signal: undefined,
      onLine: () => undefined,
    });
  await go("mod", "download", module);
  const place = (await go("list", "-m", "-f", "{{.Dir}}", module)).trim();
  return new Map(folders.flatMap((folder) => [...vendorsDefinitions(join(place, folder))]));
}

/** Has the API server serve kinds, and waits until it does. */
export async function serveKinds(
  cluster: ClusterClient,
  definitions: Iterable<Definition>,
): Promise<void> {
  for (const definition of definitions) {
    const { metadata, apiVersion, kind } = await cluster.create(definition, "atom-test");
    const reference = { apiVersion, kind, name: metadata.name };
    const served = await waitFor(
      async () => {
        const { conditions } = ((await cluster.get(reference))?.["status"] ?? {}) as {
          // Null at first.
          readonly conditions?:
            readonly { readonly type: string; readonly status: string }[] | null;
        };
        const isServed = conditions?.some(
          ({ type, status }) => type === "Established" && status === "True",
        );
        return isServed === true ? true : undefined;
      },
      { timeoutMs: 120_000, pauseMs: 50 },
    );
    if (served === undefined) {
      throw new Error(`${metadata.name} is not served`);
    }
  }
}
