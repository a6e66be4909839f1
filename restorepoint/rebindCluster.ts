import { editStackText, readStackFile, writeStackFile } from "../config/stackFile";
import { readPoints } from "./knownPoints";
import { alone, pointCatalog, requireCluster, type PointSystems } from "./pointStack";

const COMMAND = "rebind-cluster";

/**
 * Moves a stack to a cluster that was rebuilt: every record of the catalog is written into the new one, and then the
 * identity in the stack file. Shown, asked for, repeatable.
 *
 * @param systems opened without the identity that the stack file pins
 * @param pinned that identity
 */
export async function rebindCluster(
  systems: PointSystems,
  pinned: string | undefined,
): Promise<"done" | "declined" | "nothing"> {
  const { stack, reporter, ask } = systems;
  const client = await requireCluster(systems, "which cluster it is", "hold");
  const uid = await client.kubeSystemUid();
  if (pinned === undefined || uid === pinned) {
    reporter.info(
      `Stack ${stack.name} is bound to ${pinned ?? "no cluster yet"}: nothing to move.`,
    );
    return "nothing";
  }
  const { points, images, unknown } = await readPoints(systems);
  if (unknown.length > 0) {
    throw new Error(`The catalog cannot be moved: ${unknown.join(" ")} Nothing was changed.`);
  }
  const question =
    `Move stack ${stack.name} with ${points.length} restore points from cluster ${pinned} to cluster ${uid} ` +
    `of context ${client.context}? From then on no command touches ${pinned}.`;
  if (!(await ask(question))) {
    reporter.info("Nothing was changed.");
    return "declined";
  }
  const catalog = pointCatalog(stack, client);
  return alone(
    systems,
    client,
    async (): Promise<"done"> => {
      for (const point of [...points, ...images]) {
        const journal = await catalog.open(point, COMMAND);
        await journal.note("move", { uid, message: `from cluster ${pinned}` });
        await journal.close("done");
      }
      const { path } = stack.stackFile;
      const edit = { path: ["cluster", "clusterUid"], value: uid };
      writeStackFile(path, editStackText(readStackFile(path), [edit]));
      reporter.info(`Stack ${stack.name} is bound to cluster ${uid} now: run ./atom up.`);
      return "done";
    },
    // One that was begun in the cluster before goes on in this one.
    { during: "rollback" },
  );
}
