import { readPoints, requirePoint } from "./knownPoints";
import { alone, pointCatalog, requireCluster, type PointSystems } from "./pointStack";

const HOLD_COMMAND = "restore-point hold";

/**
 * Puts a point on hold, so that nothing ends it or its VM snapshots, or lets it go again.
 *
 * @returns whether that changed anything
 * @throws UsageError when there is no such point
 */
export async function holdPoint(
  name: string,
  hold: boolean,
  systems: PointSystems,
): Promise<boolean> {
  const { stack } = systems;
  const client = await requireCluster(systems, "which points there are", "hold");
  return alone(systems, client, async () => {
    const { points } = await readPoints(systems);
    const point = requirePoint(points, name, stack.name);
    if (point.hold === hold) {
      return false;
    }
    const journal = await pointCatalog(stack, client).open(point, HOLD_COMMAND);
    await journal.note(hold ? "held" : "let go", {}, (record) => ({ ...record, hold }));
    await journal.close("done");
    return true;
  });
}
