import { engineConfiguration } from "../../config/engineConfiguration";
import type { RawConfiguration } from "../../config/rawConfiguration";
import { findDrift } from "../../drift/findings";
import { judgeDefaults } from "../../drift/defaults";
import { judgeNodes } from "../../drift/nodes";
import { readLive } from "../../drift/readLive";
import type { Finding, LiveState } from "../../drift/types";
import type * as program from "../../engine/program/collect";
import type { DesiredState } from "../../engine/program/desiredState";
import type { StackState } from "../../engine/stackState";
import type { Site } from "../../planning/site";
import type { Engine } from "../../engine/engine";
import type { OpenStack } from "../stack";
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
  const { collect } = await loadProgram();
  return collect({ root, stack: raw.stack, ...engineConfiguration(raw) });
}

/** Loads what runs the program. It takes a second, in which a caller may wait for something else. */
export function loadProgram(): Promise<typeof program> {
  return import("../../engine/program/collect.js");
}

/** One pass of LISTs over the live systems, compared with what is declared. */
export async function readStack(
  desired: DesiredState,
  state: StackState,
  site: Site,
  { cluster, vcenter }: LiveAccess,
): Promise<Reading> {
  const live = await readLive({ desired, state, site, cluster, vcenter });
  return {
    desired,
    state,
    live,
    findings: [
      ...findDrift({ desired, state, live, points: site.restorePoints }),
      ...judgeDefaults(desired, live),
      ...judgeNodes(site, live),
    ],
  };
}

/** Runs the program, reads the stack's state, and compares both with what lives. */
export async function readAll(
  { root, raw, site }: Pick<OpenStack, "root" | "raw" | "site">,
  engine: Engine,
  access: LiveAccess,
): Promise<Reading> {
  const [state, desired] = await Promise.all([engine.state(), collectDesired(root, raw)]);
  return readStack(desired, state, site, access);
}
