import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText } from "../../clients/kubernetes/object";
import type { FreezeHook, Site } from "../../planning/site";
import type { PointRecord } from "../../planning/pointRecord";
import { takenName, labels, NAME_LIMITS } from "../../planning/names";
import { readJob, removeJob, runJob, startJob, waitForJob } from "../jobs/job";
import { claimMount, scratchMount, type JobContainer, type JobSpec } from "../jobs/jobObject";
import type { Progress } from "../../clients/reporter";
import { claimingPods, claimsOf } from "./stop";

/** A hook that has frozen its part of the product; it thaws by itself at the earliest when its lease ends. */
export type FrozenHook = PointRecord["frozen"][number];

export interface FreezeOptions {
  readonly client: ClusterClient;
  readonly site: Site;
  /** Name of the point. */
  readonly point: string;
  /** Abandons the wait for a freeze; a thaw is never abandoned. */
  readonly signal?: AbortSignal | undefined;
}

/** How long a hook may take to freeze once its pod runs, besides the start of the pod, in seconds. */
const START_SECONDS = 120;

/** Seconds that a hook has to thaw when it is asked to end. */
const THAW_SECONDS = 30;

/**
 * Freezes the product by its hooks, in their order.
 *
 * A hook is one pod of two containers. The first freezes, waits for its end or for the lease, and thaws: in a trap, so
 * that it does so however it ends. The second ends as soon as the first has frozen, which is how the freeze is seen from
 * outside. Nothing has to reach the pod for it to thaw: a command that is killed leaves nothing frozen beyond the lease.
 *
 * @param onFrozen called with each as soon as it is frozen
 * @throws Error when one cannot freeze; those that have are thawed by the caller
 */
export async function freezeProduct(
  options: FreezeOptions,
  progress: Progress,
  onFrozen: (frozen: FrozenHook) => void,
): Promise<void> {
  const { client, site, signal } = options;
  const { hooks } = site.product;
  for (const [index, hook] of hooks.entries()) {
    progress.update({ done: index, total: hooks.length, text: `freezing ${hook.name}` });
    const spec = await hookJob(hook, options, "freeze");
    // A pod of an interrupted run may be about to thaw; its freeze is not the one that is needed.
    await removeJob(client, spec);
    // Not later than this does the lease begin, whatever the pod's clock says.
    const earliest = Date.now();
    await startJob(client, spec);
    const status = await waitForJob(
      client,
      spec,
      ({ containers }) => containers.some(({ name, state }) => name === SEEN && state === "ended"),
      { limitMs: (START_SECONDS + 30) * 1000, pollMs: 100, signal },
    );
    if (status.state === "failed") {
      throw new Error(`Hook ${hook.name} did not freeze: ${status.why}. Nothing stays frozen.`);
    }
    onFrozen({
      hook: hook.name,
      namespace: hook.namespace,
      frozenAt: new Date().toISOString(),
      leaseEnds: new Date(earliest + hook.leaseSeconds * 1000).toISOString(),
    });
  }
}

/**
 * Which hooks do not hold any more, and why: a pod that was evicted or killed may have thawed, or have left its part of the
 * product frozen. One that holds has held all the time, since no pod of a hook is started again.
 */
export async function brokenHooks(options: FreezeOptions): Promise<readonly string[]> {
  const { client, site } = options;
  const broken: string[] = [];
  for (const hook of site.product.hooks) {
    const { containers, why } = await readJob(client, hookName(hook, options, "freeze"));
    if (!containers.some(({ name, state }) => name === HOLD && state === "running")) {
      broken.push(`${hook.name}: ${why || "it ended"}`);
    }
  }
  return broken;
}

/**
 * Thaws all hooks, in the opposite order: ends their pods, which thaw, and then runs each thaw once more and looks at its
 * exit code, since that of an ended pod is not to be had. Repeatable.
 *
 * @throws Error naming the hooks whose thaw failed; all were tried
 */
export async function thawProduct(options: FreezeOptions, progress: Progress): Promise<void> {
  const { client, site } = options;
  const failed: string[] = [];
  for (const hook of site.product.hooks.toReversed()) {
    progress.update({ text: `thawing ${hook.name}` });
    try {
      await removeJob(client, { ...hookName(hook, options, "freeze"), graceSeconds: THAW_SECONDS });
      await runJob(client, await hookJob(hook, options, "thaw"));
    } catch (error) {
      failed.push(`${hook.name}: ${(error as Error).message}`);
    }
  }
  if (failed.length > 0) {
    throw new Error(
      `The thaw failed of ${failed.join("; ")}. Thaw by hand what the hook freezes; a lease that ran out has tried it, too.`,
    );
  }
}

/** A folder that both containers see. */
const SHARED = "/atom-backup";
const SEEN = "frozen";
const HOLD = "hold";

async function hookJob(
  hook: FreezeHook,
  options: FreezeOptions,
  what: "freeze" | "thaw",
): Promise<JobSpec> {
  const { claims, serviceAccount, image, thaw, leaseSeconds } = hook;
  const shell = (name: string, script: string): JobContainer => ({
    name,
    image,
    command: ["/bin/sh", "-c", script],
  });
  return {
    ...hookName(hook, options, what),
    labels: labels(options.site.stack),
    containers:
      what === "freeze"
        ? [shell(HOLD, holdScript(hook, SHARED)), shell(SEEN, seenScript(SHARED, START_SECONDS))]
        : [{ name: what, image, command: thaw }],
    mounts: [
      scratchMount(SHARED),
      ...claims.map((claim) => claimMount(claim, `/volumes/${claim}`, { readOnly: false })),
    ],
    node: await nodeOf(hook, options),
    serviceAccount,
    timeoutSeconds: START_SECONDS + THAW_SECONDS + (what === "freeze" ? leaseSeconds : 0),
    graceSeconds: THAW_SECONDS,
  };
}

function hookName(
  { namespace, name }: FreezeHook,
  { point }: Pick<FreezeOptions, "point">,
  what: "freeze" | "thaw",
): Pick<JobSpec, "namespace" | "name"> {
  const full = `${what}-${name}-${point}`.replaceAll(".", "-");
  return { namespace, name: takenName(full, NAME_LIMITS.label) };
}

/**
 * The node whose pods use the hook's claims: most volumes can be mounted on one node only.
 *
 * @throws Error when they are used on several
 */
async function nodeOf(
  { name, namespace, claims }: FreezeHook,
  { client, site }: FreezeOptions,
): Promise<string | undefined> {
  if (claims.length === 0) {
    return undefined;
  }
  const pods = await claimingPods(client, { ...site.product, namespaces: [namespace] });
  const nodes = new Set(
    pods
      .filter((pod) => claimsOf(pod).some((claim) => claims.includes(claim)))
      .flatMap((pod) => fieldText(pod, "spec", "nodeName") || []),
  );
  if (nodes.size > 1) {
    throw new Error(
      `Hook ${name} names claims that are in use on ${[...nodes].sort().join(" and ")}: give it claims of one node, ` +
        "and one hook to each.",
    );
  }
  return [...nodes][0];
}

/**
 * What the holding container of a hook runs: it freezes, says so by a file in the shared folder, waits for its end or for
 * the lease, and thaws.
 */
export function holdScript(
  { freeze, thaw, leaseSeconds }: Pick<FreezeHook, "freeze" | "thaw" | "leaseSeconds">,
  shared: string,
): string {
  return [
    `thaw() { ${shellWords(thaw)}; }`,
    // However this ends, it thaws; 70 (EX_SOFTWARE) tells that it could not.
    "trap 'thaw || exit 70' EXIT",
    "trap 'exit 143' TERM INT",
    `${shellWords(freeze)} || exit 1`,
    `: > ${shared}/frozen`,
    // In the background and waited for: a shell looks at signals only between its commands.
    `sleep ${leaseSeconds} & wait $!`,
  ].join("\n");
}

/** What the other container runs: it ends with the freeze, or with exit code 1 when that takes too long. */
export function seenScript(shared: string, limitSeconds: number): string {
  return [
    `end=$(($(date +%s) + ${limitSeconds}))`,
    `until [ -e ${shared}/frozen ]; do`,
    '  [ "$(date +%s)" -lt "$end" ] || exit 1',
    // Not every shell's sleep takes fractions.
    "  sleep 0.1 2>/dev/null || sleep 1",
    "done",
  ].join("\n");
}

/** A command for a shell, each word as it is. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}
