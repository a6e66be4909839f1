import type { ClusterClient } from "../../../cluster/client";
import { killListener } from "../../../operations/deploy/killPoints";
import { readWorkloads } from "../../../operations/product/workloads";
import { cutPoint, type CutPorts } from "../../../operations/restorePoint/cutPoint";
import { readProductVolumes } from "../../../operations/restorePoint/productVolumes";
import { frozen, noQuiet, stopped, type Quiet } from "../../../operations/restorePoint/quiet";
import type { Reporter } from "../../../operations/reporter";
import type { RestorePointFile } from "../../../planning/site";
import { confirmChange } from "../../confirm";
import { closeAll, openAccess, type OpenAccess } from "../../deployment/access";
import { writeConfirmed } from "../../deployment/candidate";
import { chooseDeployer } from "../../deployment/chooseDeployer";
import type { Deployer } from "../../deployment/deployer";
import { CannotTellError, exitCode, type ExitCode } from "../../exit";
import { interruption } from "../../interruption";
import { createReporter } from "../../reporter";
import { openPointStack } from "../../deployment/pointStack";
import { openStack, type OpenStack } from "../../stack";
import { draft, type DraftOptions } from "./draft";
import { cutPorts } from "./ports";
import { reviewPoint, type PointReview } from "./review";
import { tellPoint } from "./tell";

export interface CreateOptions extends DraftOptions {
  readonly stack: string;
  readonly yes: boolean;
}

/** Cuts a restore point of the whole product: complete, or not at all. */
export async function create(name: string, options: CreateOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const opened = await openPointStack(options.stack, reporter);
  const deployer = await chooseDeployer(opened, reporter);
  const access = await openAccess(opened);
  try {
    const client = requireCluster(access);
    const drafted = await draft(opened, client, access, name, options);
    if ("settled" in drafted) {
      reporter.info(drafted.settled);
      return exitCode.done;
    }
    const now = new Date();
    const review = await reviewPoint({ ...drafted, deployer, access, now, reporter });
    if (review === undefined) {
      return exitCode.failed;
    }
    try {
      const how = {
        yes: options.yes,
        lab: opened.isLab,
        interactive: process.stdin.isTTY && process.stderr.isTTY,
      };
      if (!(await confirmChange(`Cut restore point ${name} of stack ${opened.name}?`, how))) {
        reporter.info("Nothing was changed.");
        return exitCode.done;
      }
      const point = await deployer.exclusively(() =>
        cut({ stack: drafted.stack, deployer, access, client, review, now, reporter }),
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

function requireCluster({ cluster }: OpenAccess): ClusterClient {
  if (cluster.state !== "open") {
    const why = cluster.state === "cannotTell" ? cluster.why : "The cluster was not opened.";
    throw new CannotTellError(`Cannot tell what a restore point would hold: ${why}`);
  }
  return cluster.client;
}

interface Cut {
  readonly stack: OpenStack;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly client: ClusterClient;
  readonly review: PointReview;
  readonly now: Date;
  readonly reporter: Reporter;
}

async function cut(options: Cut): Promise<RestorePointFile> {
  const { stack, client, review, now } = options;
  writeConfirmed(stack, review.changes, now);
  const written = openStack(stack.name, []);
  const stop = interruption();
  try {
    const ports = await cutPorts({ ...options, stack: written, stopping: stop.asked });
    const quiet = await quietOf(options, written, ports);
    return await cutPoint(
      { site: written.site, file: review.file, volumes: review.volumes, quiet },
      {
        ...ports,
        readVolumes: () => readProductVolumes(client, written.site),
      },
    );
  } finally {
    stop.end();
  }
}

async function quietOf(
  { client, review, reporter }: Cut,
  { site }: OpenStack,
  { journal, now }: Pick<CutPorts, "journal" | "now">,
): Promise<Quiet> {
  const { point, volumes } = review;
  const kill = killListener();
  const onStep = (): void => kill("begun", "");
  const options = { client, journal, site, point: point.name, reporter, now, onStep };
  switch (point.consistency) {
    case "crash":
      return noQuiet;
    case "frozen":
      return frozen(options, site.product.hooks);
    case "stopped": {
      const workloads = await readWorkloads(client, site.product);
      return stopped(
        options,
        workloads,
        volumes.covered.map(({ volume }) => volume),
      );
    }
  }
}
