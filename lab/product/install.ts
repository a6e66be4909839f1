import { setTimeout as sleep } from "node:timers/promises";
import type { Progress, Reporter } from "../../clients/reporter";
import { withLabApi } from "../access";
import type { LabApi } from "../api";
import { LabError } from "../error";
import { withLock } from "../lock";
import { labPaths } from "../paths";
import { applyAll, served } from "../seed";
import { writeProductBytes } from "./bytes";
import { helmSecret } from "./helmRelease";
import { PRODUCT_CRD, productCrd, productNamespace, releaseObjects } from "./objects";
import {
  FIRST_RELEASE,
  PRODUCT_CLASS,
  PRODUCT_NAMESPACE,
  PRODUCT_PARTS,
  type ProductPart,
} from "./parts";

/** Annotation of the namespace once the product was installed whole and its volumes were filled. */
const INSTALLED = "lab.atom.example/installed";

/**
 * Installs the sample product and fills its volumes, unless that was done before: what somebody changed since then
 * stays. The data plane has to run and the stack's class has to be there.
 * @throws LabError if the class is missing or the product does not come up.
 */
export async function ensureProduct(root: string, reporter: Reporter): Promise<void> {
  if (await withLabApi(root, isInstalled)) {
    return;
  }
  const lock = `${labPaths(root).lab}/product.lock`;
  const onWait = (pid: number): void =>
    reporter.info(`Process ${pid} installs the sample product; waiting for it.`);
  await withLock(lock, { onWait }, () =>
    withLabApi(root, async (api) => {
      if (await isInstalled(api)) {
        return;
      }
      const progress = reporter.progress("Installing the sample product");
      try {
        await installProduct(api, { progress });
        progress.update({ text: "writing into its volumes" });
        await writeProductBytes(api);
        await markInstalled(api);
        progress.done();
      } catch (error) {
        progress.fail("stopped");
        throw error;
      }
    }),
  );
}

async function isInstalled(api: LabApi): Promise<boolean> {
  const { status, text } = await api.get(productNamespace().path);
  const namespace =
    status === 200
      ? (JSON.parse(text) as { metadata: { annotations?: Record<string, string> } })
      : undefined;
  return namespace?.metadata.annotations?.[INSTALLED] !== undefined;
}

async function markInstalled(api: LabApi): Promise<void> {
  const { path, object } = productNamespace();
  const metadata = { name: PRODUCT_NAMESPACE, annotations: { [INSTALLED]: FIRST_RELEASE } };
  await api.apply(path, JSON.stringify({ ...object, metadata }));
}

export interface InstallOptions {
  /**
   * The releases up to the one to install, each a revision of Helm's; default `24.1.0` alone. With `24.2.0` behind it
   * the product is upgraded.
   */
  readonly history?: readonly string[];
  readonly progress?: Progress;
}

/**
 * Applies a release of the product, as Helm would, and waits until all its pods are ready.
 * @throws LabError if the class of its claims is missing or they are not ready in time.
 */
export async function installProduct(api: LabApi, options: InstallOptions = {}): Promise<void> {
  const { history = [FIRST_RELEASE], progress } = options;
  const { status } = await api.get(`/apis/storage.k8s.io/v1/storageclasses/${PRODUCT_CLASS}`);
  if (status !== 200) {
    throw new LabError(
      `The lab has no StorageClass ${PRODUCT_CLASS}, which the sample product's claims name. Run \`./atom up\` first.`,
    );
  }
  await applyAll(api, [productCrd()]);
  if ((await api.get(productNamespace().path)).status !== 200) {
    await applyAll(api, [productNamespace()]);
  }
  await served(api, PRODUCT_CRD);
  await applyAll(api, releaseObjects(history.at(-1) ?? FIRST_RELEASE));
  const revisions = history.map((release, index) => {
    const status = index === history.length - 1 ? ("deployed" as const) : ("superseded" as const);
    return helmSecret({ revision: index + 1, release, status, objects: releaseObjects(release) });
  });
  await applyAll(api, revisions);
  await ready(api, progress);
}

/** How long the product may take until all pods are ready, in milliseconds. */
const READY_MS = 120_000;

async function ready(api: LabApi, progress: Progress | undefined): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    const lacking = await Promise.all(PRODUCT_PARTS.map((part) => lackOf(api, part)));
    const total = PRODUCT_PARTS.reduce((sum, part) => sum + part.replicas, 0);
    const missing = lacking.reduce((sum, lack) => sum + lack, 0);
    progress?.update({ done: total - missing, total, text: "pods ready" });
    if (missing === 0) {
      return;
    }
    if (Date.now() > end) {
      const names = PRODUCT_PARTS.filter((_, index) => lacking[index] !== 0).map((p) => p.name);
      throw new LabError(
        `Of the sample product ${names.join(", ")} did not get ready within ${READY_MS / 1000} s. \`./atom lab status\` tells whether all of the data plane runs.`,
      );
    }
    await sleep(100);
  }
}

interface StatefulSet {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

/** How many pods of a part are not ready in the release that was applied. */
async function lackOf(api: LabApi, { name, replicas }: ProductPart): Promise<number> {
  const at = `/apis/apps/v1/namespaces/${PRODUCT_NAMESPACE}/statefulsets/${name}`;
  const { metadata, status } = JSON.parse((await api.get(at)).text) as StatefulSet;
  if (status?.observedGeneration !== metadata.generation) {
    return replicas;
  }
  return replicas - Math.min(status.readyReplicas ?? 0, status.updatedReplicas ?? 0);
}
