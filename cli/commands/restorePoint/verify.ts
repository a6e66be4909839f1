import { requirePointName } from "../../../restorepoint/pointStack";
import { verifyRestorePoint } from "../../../restorepoint/verify/verifyRestorePoint";
import { exitCode, type ExitCode } from "../../../site/exit";
import { writeDocument } from "../../print/documents";
import { judgePoint, verificationLines } from "../../print/verification";
import { printAnswer } from "../../print/answer";
import { withSystems } from "./systems";

interface VerifyOptions {
  readonly stack: string;
  /** `namespace/claim` of the volumes to look at; empty means every member. */
  readonly only: readonly string[];
  /** Members at a time, 1 to 64. */
  readonly parallel: number;
  /** Seconds that every wait may take. */
  readonly timeout?: number;
  readonly json: boolean;
}

/** Restores every member of a point into scratch claims, looks at the bytes, and removes what it made. */
export async function verify(name: string, options: VerifyOptions): Promise<ExitCode> {
  requirePointName(name);
  return withSystems(options.stack, true, async (systems) => {
    const { only, parallel } = options;
    const { stack } = systems;
    const wish = { name, only, parallel, timeoutSeconds: options.timeout };
    const { verification, provenAt } = await verifyRestorePoint(wish, systems);
    const judgement = judgePoint(name, verification, only.length === 0);
    if (options.json) {
      const { result } = judgement;
      const fields = { point: name, result, provenAt: provenAt ?? null, ...verification };
      await writeDocument("restore-point verify", stack, fields);
    } else {
      printAnswer(verificationLines(verification, judgement));
    }
    return judgement.result === "failed" ? exitCode.failed : exitCode.done;
  });
}
