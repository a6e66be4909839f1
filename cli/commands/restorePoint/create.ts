import type { ClusterClient } from "../../../clients/kubernetes/client";
import { takeRestorePoint } from "../../../restorepoint/takeRestorePoint";
import { readProductVolumes } from "../../../restorepoint/productVolumes";
import { takeLimits, type TakeLimits } from "../../../restorepoint/judgeTaken";
import type { Reporter } from "../../../clients/reporter";
import type { RestorePointFile } from "../../../planning/site";
import { confirmChange } from "../../confirm";
import { closeAll, openAccess, type OpenAccess } from "../../../site/up/access";
import { writeConfirmed } from "../../../site/up/candidate";
import { chooseDeployer } from "../../../site/up/chooseDeployer";
import type { Deployer } from "../../../site/up/deployer";
import { UnknownError, exitCode, UsageError, type ExitCode } from "../../exit";
import { interruption } from "../../interruption";
import { createReporter } from "../../reporter";
import { openPointStack } from "../../../site/up/pointStack";
import { openStack, type OpenStack } from "../../stack";
import { draft, type DraftOptions } from "./draft";
import { finish } from "./finish";
import { takePorts } from "./ports";
import { quiesceOf } from "./quiesceOf";
import { reviewPoint, type PointReview } from "./review";
import { tellPoint } from "./tell";

export interface CreateOptions extends DraftOptions {
  readonly stack: string;
  readonly yes: boolean;
  /** Seconds that every volume's snapshot has to get ready in; default 600. */
  readonly timeout?: string;
}

/** Cuts a restore point of the whole product: complete, or not at all. */
export async function create(name: string, options: CreateOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const limits = limitsOf(options.timeout);
  const opened = await openPointStack(options.stack, reporter);
  const deployer = await chooseDeployer(opened, reporter);
  const access = await openAccess(opened);
  try {
    const client = requireCluster(access);
    const how = {
      yes: options.yes,
      lab: opened.isLab,
      interactive: process.stdin.isTTY && process.stderr.isTTY,
    };
    const drafted = await draft(opened, client, access, name, options);
    if ("settled" in drafted) {
      await finish(drafted.settled, { stack: opened, client, deployer, reporter, how });
      return exitCode.done;
    }
    drafted.notes.forEach((line) => reporter.info(line));
    const now = new Date();
    const review = await reviewPoint({ ...drafted, deployer, access, now, reporter });
    if (review === undefined) {
      return exitCode.failed;
    }
    try {
      if (!(await confirmChange(`Cut restore point ${name} of stack ${opened.name}?`, how))) {
        reporter.info("Nothing was changed.");
        return exitCode.done;
      }
      const point = await deployer.exclusively(() =>
        taken({ stack: drafted.stack, deployer, access, client, review, now, reporter, limits }),
      );
      tellPoint(opened, point, reporter);
      return exitCode.done;
    } finally {
      review.candidate.remove();
    }
  } finally {
    await closeAll(access);
  }
}

/** An hour is more than any driver needs to say that a snapshot is ready. */
const LONGEST = 3600;

/** @throws UsageError for what is no number of seconds */
function limitsOf(timeout: string | undefined): TakeLimits {
  const ready = Number(timeout ?? takeLimits.ready);
  if (!Number.isInteger(ready) || ready < 1 || ready > LONGEST) {
    throw new UsageError(`--timeout ${timeout}: give whole seconds from 1 to ${LONGEST}.`);
  }
  // Whoever gives a volume less time does not wait longer for the first sign of life.
  return { ...takeLimits, ready, answer: Math.min(takeLimits.answer, ready) };
}

function requireCluster({ cluster }: OpenAccess): ClusterClient {
  if (cluster.state !== "open") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
    throw new UnknownError(`Cannot tell what a restore point would hold: ${why}`);
  }
  return cluster.client;
}

interface Take {
  readonly stack: OpenStack;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly client: ClusterClient;
  readonly review: PointReview;
  readonly now: Date;
  readonly reporter: Reporter;
  readonly limits: TakeLimits;
}

async function taken(options: Take): Promise<RestorePointFile> {
  const { stack, client, review, now, reporter } = options;
  writeConfirmed(stack, review.changes, now);
  const written = openStack(stack.name, []);
  const stop = interruption();
  try {
    const ports = await takePorts({ ...options, stack: written, stopping: stop.asked });
    const { point, volumes } = review;
    const { site } = written;
    const { journal } = ports;
    const quiesce = await quiesceOf({ client, site, point, volumes, journal, reporter });
    return await takeRestorePoint(
      { site, file: review.file, volumes, quiesce },
      {
        ...ports,
        readVolumes: () => readProductVolumes(client, site),
      },
    );
  } finally {
    stop.end();
  }
}
