import { engineConfiguration } from "../../config/engineConfiguration";
import type { RawConfiguration } from "../../config/rawConfiguration";
import { findDrift } from "../../drift/findings";
import { readLive } from "../../drift/readLive";
import type { Finding, LiveState } from "../../drift/types";
import type * as program from "../../engine/program/collect";
import type { DesiredState } from "../../engine/program/desiredState";
import type { StackState } from "../../engine/stackState";
import type { Site } from "../../planning/site";
import type { LiveAccess } from "./access";

/** What is declared, recorded and live, and where these disagree. */
export interface Reading {
  readonly desired: DesiredState;
  readonly state: StackState;
  readonly live: LiveState;
  readonly findings: readonly Finding[];
}

/** Runs the program in this process and returns what it declares. */
export async function collectDesired(root: string, raw: RawConfiguration): Promise<DesiredState> {
  const { config, secretKeys } = engineConfiguration(raw);
  const { collect } = await loadProgram();
  return collect({ root, stack: raw.stack, values: config, secretKeys });
}

/** Loads what runs the program. It takes a second, in which a caller may wait for something else. */
export function loadProgram(): Promise<typeof program> {
  return import("../../engine/program/collect.js");
}

/** One pass of LISTs over the live systems, compared with what is declared. */
export async function readStack(
  desired: DesiredState,
  state: StackState,
  { restorePoints }: Site,
  { cluster, vcenter }: LiveAccess,
): Promise<Reading> {
  const live = await readLive({ desired, state, cluster, vcenter });
  return {
    desired,
    state,
    live,
    findings: findDrift({ desired, state, live, points: restorePoints }),
  };
}

/**
 * The cluster that the stack file pins is the one that answers.
 *
 * @throws Error naming both; nothing was changed
 */
export function requirePinned(stack: string, { cluster: pin }: Site, { cluster }: LiveState): void {
  const pinned = pin.clusterUid;
  if (pinned !== undefined && cluster.state === "read" && cluster.value.uid !== pinned) {
    throw new Error(
      `The cluster that answers is another one: its kube-system has the UID ${cluster.value.uid}, stack ${stack} pins ` +
        `cluster.clusterUid ${pinned}. Nothing was changed. Choose the context of the right cluster.`,
    );
  }
}
