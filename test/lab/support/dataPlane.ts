import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { LabApi } from "../../../lab/api";
import { labPaths } from "../../../lab/paths";
import { ensureProduct } from "../../../lab/product";
import { adminToken, clusterCa } from "../../../lab/serviceFiles";
import { silentReporter } from "../../support/silentReporter";
import { LabSystems } from "../../support/labSystems";
import { applyClasses } from "./classes";
import { up } from "./labs";
import { readReplicas, type Replica } from "./replicas";

/** A lab with its data plane, the classes of the lab stack, and the sample product with bytes in its volumes. */
export interface DataPlane {
  readonly root: string;
  readonly systems: LabSystems;
  readonly api: LabApi;
  /** Copies of a claim's volume. */
  replicas(namespace: string, claim: string): Promise<readonly Replica[]>;
}

let shared: Promise<DataPlane> | undefined;

/** One such lab for all test files of a run, brought up at the first question. Tests leave it as they found it. */
export function sharedDataPlane(): Promise<DataPlane> {
  shared ??= start();
  return shared;
}

// Loaded by a test file, this is a hook of the whole run.
after(async () => {
  const running = await shared;
  running?.api.close();
  await running?.systems.down();
});

async function start(): Promise<DataPlane> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "atom-data-test-")));
  const record = await up(root, ["cluster", "vcenter", "data"]);
  const systems = await LabSystems.connect(root, record);
  const paths = labPaths(root);
  const api = new LabApi(record.ports.apiserver, clusterCa(paths), adminToken(paths));
  await applyClasses(api, parseSite(readConfiguration("lab").raw));
  await ensureProduct(root, silentReporter);
  return {
    root,
    systems,
    api,
    replicas: (namespace, claim) => readReplicas(root, api, { namespace, claim }),
  };
}
