import type { DesiredState } from "../../engine/program/desiredState";
import { readLabRecord } from "../../lab/record";
import { LabSystems, labUuid } from "../support/labSystems";
import { KILLED_VOLUMES, pointOfProduct, type VolumeTakeSubject } from "./volumeTakes";
import { desiredOf, member, point, snapshotClass, storageClass } from "./fixtures";

/** Machines of the point that the kill tests cut. */
export const killedNodes = ["atom-a-1", "atom-b-1"] as const;

/** What the kill tests deploy: `first` into an empty lab, then `second`, which replaces the class. */
export const killedStates: Readonly<Record<"first" | "second", DesiredState>> = {
  first: declared("2"),
  second: declared("3"),
};

function declared(replicas: string): DesiredState {
  const members = killedNodes.map((node) => member(node, { uuid: labUuid(node) }));
  return desiredOf([storageClass({ parameters: { replicas } }), snapshotClass(), ...members]);
}

/** Deploys once into the running lab at `root`; the process that the kill tests end at a numbered moment. */
async function deployOnce(root: string, which: string): Promise<void> {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new Error(`no lab in ${root}`);
  }
  const lab = await LabSystems.connect(root, record);
  const { desired, file } = await subjectOf(lab, which);
  await lab.deploy(desired, [file]);
  await lab.close();
}

async function subjectOf(lab: LabSystems, which: string): Promise<VolumeTakeSubject> {
  switch (which) {
    case "first":
    case "second":
      return { desired: killedStates[which], file: point() };
    case "volumes":
      return pointOfProduct(lab.cluster, KILLED_VOLUMES);
    default:
      throw new Error(`no state ${which}`);
  }
}

if (require.main === module) {
  const [root = "", which = ""] = process.argv.slice(2);
  deployOnce(root, which).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
