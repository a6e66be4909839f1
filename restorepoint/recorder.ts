import type { ClusterClient } from "../clients/kubernetes/client";
import { connectCluster } from "../clients/kubernetes/connect";
import type { TakeRecorder } from "../components/takeHooks";
import { completeTake, recordMembers } from "../config/pointRecord";
import type { VolumeMember } from "../planning/site";
import { readTakenGroup, readTakenVolume, type TakenGroup, type TakenVolume } from "./readTaken";

/** How long volumes that become ready at once are gathered before they are written, in milliseconds. */
const GATHER_MS = 20;

/**
 * Set, also for the CLI and the program that it runs, by a command that looks at all members before it calls the point
 * ready.
 */
export const COMPLETED_BY_COMMAND = "ATOM_BACKUP_COMPLETED_BY_COMMAND";

/**
 * Writes down a point's cut in its file, with what lasts of each member. Volumes that become ready together are read and
 * written together: two hundred writes of a file of two hundred members would take longer than the cut.
 *
 * @param file the point's file
 * @param context context of the kubeconfig in which volumes are read
 */
export function takeRecorder(
  file: string,
  context: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): TakeRecorder {
  const volumes = new Gatherer(async (takes: readonly (() => Promise<void>)[]) => {
    await Promise.all(takes.map((taken) => taken()));
  });
  const found: VolumeMember[] = [];
  let client: Promise<ClusterClient> | undefined;
  const open = (): Promise<ClusterClient> =>
    (client ??= connectCluster({ kubeconfig: undefined, context }));
  const gather = (read: (client: ClusterClient) => Promise<readonly VolumeMember[]>) =>
    volumes.add(async () => {
      found.push(...(await read(await open())));
    });
  const flushed = async (added: Promise<void>): Promise<void> => {
    await added;
    const members = found.splice(0);
    if (members.length > 0) {
      recordMembers(file, members);
    }
  };
  return {
    vm: ({ node, uuid, handle }) =>
      recordMembers(file, [
        { kind: "virtualMachine", node, uuid, handle, lost: undefined, expiredAt: undefined },
      ]),
    volume: (taken: TakenVolume) =>
      flushed(gather(async (opened) => [await readTakenVolume(opened, taken)])),
    group: (taken: TakenGroup) => flushed(gather((opened) => readTakenGroup(opened, taken))),
    complete: async () => {
      await (await client)?.close();
      client = undefined;
      if (env[COMPLETED_BY_COMMAND] === undefined) {
        completeTake(file, new Date().toISOString());
      }
    },
  };
}

/** Runs what is added within a moment as one batch; each adder waits for the batch that holds its own. */
class Gatherer<T> {
  private batch: { readonly items: T[]; readonly done: Promise<void> } | undefined;

  constructor(private readonly run: (items: readonly T[]) => Promise<void>) {}

  add(item: T): Promise<void> {
    if (this.batch === undefined) {
      const items: T[] = [];
      const done = new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS)).then(() => {
        this.batch = undefined;
        return this.run(items);
      });
      this.batch = { items, done };
    }
    this.batch.items.push(item);
    return this.batch.done;
  }
}
