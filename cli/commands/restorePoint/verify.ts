import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { withLock } from "../../../lab/lock";
import { killListener } from "../../../drift/killPoints";
import { ledgerFolder } from "../../../restorepoint/catalog/folderSide";
import { siteLedger } from "../../../restorepoint/catalog/ledger";
import { provenAt } from "../../../restorepoint/catalog/proof";
import type { Reporter } from "../../../clients/reporter";
import {
  VERIFY_COMMAND,
  verifyPoint,
  type PointVerification,
} from "../../../restorepoint/verify/verifyPoint";
import { volumeMembers } from "../../../planning/pointMembers";
import type { RestorePointFile } from "../../../planning/site";
import { closeAll, openAccess, type OpenAccess } from "../../../site/up/access";
import { openPointStack } from "../../../site/up/pointStack";
import { UnknownError, exitCode, UsageError, type ExitCode } from "../../exit";
import { interruption } from "../../interruption";
import { writeDocument } from "../../print/documents";
import { judgePoint, verificationDocument, verificationLines } from "../../print/verification";
import { createReporter } from "../../reporter";
import { openStack, type OpenStack } from "../../stack";

export interface VerifyOptions {
  readonly stack: string;
  /** `namespace/claim` of the volumes to look at; empty means every member. */
  readonly only: readonly string[];
  /** Members at a time; a decimal integer, 1 to 64. */
  readonly parallel: string;
  readonly json: boolean;
}

/** Restores every member of a point into scratch claims, looks at the bytes, and removes what it made. */
export async function verify(name: string, options: VerifyOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const parallel = parallelOf(options.parallel);
  // Before the lab is started for it, too: what is wrong with the words needs no cluster.
  pointToVerify(openStack(options.stack, []), name, options.only);
  const stack = await openPointStack(options.stack, reporter);
  const point = pointToVerify(stack, name, options.only);
  const access = await openAccess(stack);
  const stop = interruption();
  try {
    const client = await requireCluster(stack, access);
    const { verification, proven } = await alone(stack, name, () =>
      run({ stack, point, access, client, reporter, parallel, only: options.only, stop }),
    );
    const judgement = judgePoint(name, verification, options.only.length === 0);
    for (const line of verificationLines(verification, judgement)) {
      reporter.info(line);
    }
    if (options.json) {
      const source = { name: stack.name, file: stack.raw.file };
      await writeDocument(verificationDocument(source, name, verification, judgement, proven));
    }
    return judgement.result === "failed" ? exitCode.failed : exitCode.done;
  } finally {
    stop.end();
    await closeAll(access);
  }
}

function parallelOf(text: string): number {
  const parallel = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
  if (parallel < 1 || parallel > 64) {
    throw new UsageError(`--parallel ${text}: an integer from 1 to 64 is needed.`);
  }
  return parallel;
}

/** @throws UsageError for a point that has nothing to verify, or volumes that it does not hold */
function pointToVerify(
  { site, name: stack }: OpenStack,
  name: string,
  only: readonly string[],
): RestorePointFile {
  const point = site.restorePoints.find((one) => one.name === name);
  if (point === undefined) {
    const names = site.restorePoints.map((one) => one.name).join(", ");
    throw new UsageError(
      `Stack ${stack} lists no restore point ${name}; it lists ${names === "" ? "none" : names}.`,
    );
  }
  if (point.takenAt === undefined || point.state === "expiring" || point.state === "expired") {
    throw new UsageError(
      `Restore point ${name} is ${point.state}: only a point that was cut, and has not ended, can be verified.`,
    );
  }
  const held = volumeMembers(point).map(({ namespace, claim }) => `${namespace}/${claim}`);
  const unknown = only.filter((claim) => !held.includes(claim));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only ${unknown.join(", ")}: restore point ${name} holds no such volume; it holds ${held.join(", ") || "none"}.`,
    );
  }
  return point;
}

async function requireCluster(
  { name, site }: OpenStack,
  { cluster }: OpenAccess,
): Promise<ClusterClient> {
  if (cluster.state !== "open") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
    throw new UnknownError(`Cannot tell what the restore point is worth: ${why}`);
  }
  const pinned = site.cluster.clusterUid;
  const uid = await cluster.client.kubeSystemUid();
  if (pinned !== undefined && uid !== pinned) {
    throw new Error(
      `The cluster that answers is another one: its kube-system has the UID ${uid}, stack ${name} pins ` +
        `cluster.clusterUid ${pinned}. Nothing was changed. Choose the context of the right cluster.`,
    );
  }
  return cluster.client;
}

interface Run {
  readonly stack: OpenStack;
  readonly point: RestorePointFile;
  readonly access: OpenAccess;
  readonly client: ClusterClient;
  readonly reporter: Reporter;
  readonly parallel: number;
  readonly only: readonly string[];
  readonly stop: { readonly asked: () => boolean };
}

async function run(
  options: Run,
): Promise<{ readonly verification: PointVerification; readonly proven: string | undefined }> {
  const { stack, point, access, client, reporter, parallel, only, stop } = options;
  const { root, site, isLab } = stack;
  const now = (): Date => new Date();
  const own = { client, stack: stack.name, namespace: site.cluster.namespace };
  const ledger = siteLedger(own, { root, ledgerDir: site.ledgerDir }, now);
  const journal = await ledger.open(point.name, VERIFY_COMMAND, point);
  const kill = isLab ? killListener() : undefined;
  const verification = await verifyPoint(
    { site, point, only, parallel },
    {
      client,
      vcenter: access.vcenter,
      journal,
      reporter,
      now,
      stopping: stop.asked,
      onStep: (what) => kill?.("begun", what),
    },
  );
  return { verification, proven: provenAt(journal.catalogue) };
}

/**
 * One verification of a point at a time: a second one would take the objects of the first for leftovers. Between two
 * machines the ledger tells them apart.
 */
async function alone<T>(
  { root, site, name: stack }: OpenStack,
  point: string,
  work: () => Promise<T>,
): Promise<T> {
  const folder = ledgerFolder(root, site.ledgerDir, stack);
  mkdirSync(folder, { recursive: true });
  const waiting = new AbortController();
  let holder: number | undefined;
  const onWait = (pid: number): void => {
    holder = pid;
    waiting.abort();
  };
  try {
    const options = { onWait, signal: waiting.signal };
    return await withLock(join(folder, `.${point}.verify.lock`), options, work);
  } catch (error) {
    if (holder === undefined) {
      throw error;
    }
    throw new Error(
      `Restore point ${point} is being verified by process ${holder}; nothing was changed. Wait for it to end.`,
    );
  }
}
