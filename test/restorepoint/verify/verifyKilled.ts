import { readLabRecord } from "../../../lab/record";
import { killListener } from "../../../clients/killPoints";
import type { VolumeMember } from "../../../planning/pointRecord";
import { LabSystems } from "../../support/labSystems";
import { verifyOnce } from "./takeRestorePoint";
import { killedPoint } from "./kills";

/** Verifies once in the running lab at `root`; the process that the kill tests end at a numbered moment. */
async function verifyKilled(root: string, member: VolumeMember): Promise<void> {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new Error(`no lab in ${root}`);
  }
  const lab = await LabSystems.connect(root, record);
  const kill = killListener({ isLab: true });
  await verifyOnce(lab, killedPoint(member), { onStep: (what) => kill("begun", what) });
  await lab.close();
}

const [root = "", member = ""] = process.argv.slice(2);
verifyKilled(root, JSON.parse(member) as VolumeMember).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
