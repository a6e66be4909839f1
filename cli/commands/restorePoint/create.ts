import type { PointWish } from "../../../restorepoint/take/draft";
import { requirePointName } from "../../../restorepoint/pointStack";
import { createRestorePoint } from "../../../restorepoint/take/createPoint";
import { mayTake } from "../../../site/preflight/preflight";
import { exitCode, type ExitCode } from "../../../site/exit";
import { withSystems } from "./systems";
import { tellPoint } from "./tell";

interface CreateOptions extends PointWish {
  readonly stack: string;
  readonly yes: boolean;
  /** Seconds that every wait may take; default 600. */
  readonly timeout?: number;
}

/** Takes a restore point of the whole product: complete, or not at all. */
export async function create(name: string, options: CreateOptions): Promise<ExitCode> {
  requirePointName(name);
  return withSystems(options.stack, options.yes, async (systems) => {
    const { stack, access, reporter } = systems;
    const created = await createRestorePoint(
      { name, wish: options, timeoutSeconds: options.timeout },
      { ...systems, preflight: (site) => mayTake(site, access, reporter) },
    );
    switch (created.state) {
      case "refused":
        return exitCode.failed;
      case "declined":
        reporter.info("Nothing was changed.");
        break;
      case "unchanged":
        reporter.info(
          `Restore point ${name} was taken at ${created.point.takenAt ?? ""}; nothing was changed.`,
        );
        break;
      case "taken":
        tellPoint(stack, created.point, reporter);
    }
    return exitCode.done;
  });
}
