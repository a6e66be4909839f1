import type { DesiredState } from "../../engine/program/desiredState";
import type { DeployedState, LiveState, Step } from "../../drift/types";
import { readLive } from "../../drift/readLive";
import type { OpenStack } from "../../cli/stack";
import type { OpenAccess } from "./access";
import type { Application, Deployer } from "./deployer";
import { collectDesired } from "./situation";

/** What a stack's files declare as they are, what was recorded, and what lives. */
export interface Reading {
  readonly desired: DesiredState;
  readonly deployed: DeployedState;
  readonly live: LiveState;
}

/** Reads all three, for commands that deploy nothing. */
export async function readStack(
  stack: OpenStack,
  deployer: Deployer,
  { cluster, vcenter }: OpenAccess,
): Promise<Reading> {
  const desired = await collectDesired(stack.root, stack.raw);
  const deployed = await deployer.load(stack.stackFile.path);
  const live = await readLive({ desired, deployed, cluster, vcenter });
  return { desired, deployed, live };
}

/**
 * The cluster that the stack file pins is the one that answers.
 *
 * @throws Error naming both; nothing was changed
 */
export function requirePinned({ name, site }: OpenStack, { live }: Reading): void {
  const pinned = site.cluster.clusterUid;
  const { cluster } = live;
  if (pinned !== undefined && cluster.state === "read" && cluster.value.uid !== pinned) {
    throw new Error(
      `The cluster that answers is another one: its kube-system has the UID ${cluster.value.uid}, stack ${name} pins ` +
        `cluster.clusterUid ${pinned}. Nothing was changed. Choose the context of the right cluster.`,
    );
  }
}

/**
 * What was confirmed is still what would be done.
 *
 * @throws Error naming the objects whose step is another one now
 */
export function requireSame(confirmed: readonly Step[], now: readonly Step[]): void {
  const text = (step: Step): string => JSON.stringify(step);
  const known = new Set(confirmed.map(text));
  const again = new Set(now.map(text));
  const moved = [
    ...now.filter((step) => !known.has(text(step))),
    ...confirmed.filter((step) => !again.has(text(step))),
  ];
  if (moved.length > 0) {
    const objects = [...new Set(moved.map(({ object }) => object))].join(", ");
    throw new Error(
      `Between preview and apply something else changed ${objects}; nothing was applied. ` +
        "Run the command again and look at the new preview.",
    );
  }
}

/** Only reached where no VM is configured, so that no vCenter task runs. */
const defaultApiTimeoutMinutes = 60;

/** What a deployer is handed. */
export function application(
  { stackFile, site }: OpenStack,
  { desired }: Pick<Reading, "desired">,
  steps: readonly Step[],
  access: OpenAccess,
): Application {
  return {
    file: stackFile.path,
    desired,
    steps,
    points: site.restorePoints,
    access,
    apiTimeoutMinutes: site.virtualMachines?.apiTimeoutMinutes ?? defaultApiTimeoutMinutes,
  };
}
