import { deepStrictEqual, ok } from "node:assert/strict";

import { readLabRecord } from "../../lab/index";
import type { LabRecord } from "../../lab/record";
import { PlainPulumi } from "../lab/support/plainPulumi";
import { LabSystems } from "../support/labSystems";
import { sharedDeployedLab } from "./support/deployedLab";
import { lookerKubeconfig } from "./support/leastRights";
import { PointLab } from "./support/pointLab";
import { lookAt, removed, type Tampering, type TamperLab, type Undo } from "./support/tamper";
import { CLASS } from "./support/tamperCluster";
import { HELD, holdControllers, POINT_TAMPERINGS } from "./support/tamperPoints";
import { FAILURES, failingDeployment, failsAsSaid, type FailingLab } from "./support/tamperSystems";
import { TAMPERINGS } from "./support/tamperings";
import { engineSees, TamperTable } from "./support/tamperTable";

const table = new TamperTable();

/** What the engine sees of a stack as it was deployed, whatever points are taken by. */
async function seen({ points }: TamperLab, pulumi: PlainPulumi): ReturnType<typeof engineSees> {
  points?.group("auto");
  const sees = await engineSees(pulumi);
  points?.group("never");
  return sees;
}

/** One row: exactly what it must cause is found, and after it nothing; and whether the engine alone sees it is on the page. */
function row({ title, make, finds }: Tampering, on: () => readonly [TamperLab, PlainPulumi]): void {
  it(title, async () => {
    const [lab, pulumi] = on();
    const wanted = typeof finds === "function" ? finds(lab) : finds;
    // Some rows are changes that break no promise, and one hides what it would break.
    const isUnknown = wanted.some((one) => one.startsWith("unknown"));
    const undo = await make(lab);
    try {
      const { status, findings } = await lookAt(lab);
      deepStrictEqual([findings, status], [wanted, isUnknown ? 1 : wanted.length > 0 ? 7 : 0]);
      table.add(title, wanted, await seen(lab, pulumi));
    } finally {
      await undo();
    }
    const { status, findings } = await lookAt(lab);
    deepStrictEqual([findings, status], [[], 0], "undone");
  });
}

after(() => table.write());

describe("the tamper matrix of drift", () => {
  let lab: FailingLab;
  let pulumi: PlainPulumi;

  before(async () => {
    lab = await failingDeployment(await sharedDeployedLab());
    pulumi = await PlainPulumi.open(lab.root, "lab", lab);
  });

  it("is empty on an untouched lab, fifty times", async () => {
    for (let run = 1; run <= 50; run += 1) {
      const { status, findings } = await lookAt(lab);
      deepStrictEqual([findings, status], [[], 0], `run ${run}`);
    }
    deepStrictEqual(await engineSees(pulumi), "nothing");
  });

  TAMPERINGS.forEach((one) => row(one, () => [lab, pulumi]));

  it("is the same with what the engine sees, before and after heal", async () => {
    const told = async (): Promise<unknown> => {
      // The engine reads with rights of its own.
      const { status, findings } = await lookAt({ ...lab, looker: undefined }, "--engine");
      return [status, findings];
    };
    deepStrictEqual(await told(), [0, []]);
    await removed(CLASS)(lab);
    deepStrictEqual(await told(), [7, ["missing StorageClass atom-replicated"]]);
    await lab.checkout.done(["heal"]);
    deepStrictEqual(await told(), [0, []]);
  });

  for (const failure of FAILURES) {
    it(`${failure.title}: unknown within 15 s, and the rest is said`, async () => {
      const seconds = await failsAsSaid(failure, lab);
      ok(seconds <= 15, `${seconds} s`);
      deepStrictEqual((await lookAt(lab)).findings, []);
    });
  }

  it("preflight, too, ends within its limit, and says what it does not know", async () => {
    const undo = await FAILURES.find(({ title }) => title === "vCenter hangs")?.make(lab);
    const begun = performance.now();
    const run = lab.checkout.atom(["preflight", "--json", "--timeout", "9"]).finally(undo);
    const { status, stdout } = await run;
    // Before it asks anybody, it starts the CLI.
    ok(performance.now() - begun <= 30_000);
    const { rules } = JSON.parse(stdout) as {
      readonly rules: readonly { readonly verdict: string }[];
    };
    const unknown = rules.filter(({ verdict }) => verdict === "unknown").length;
    deepStrictEqual([status, unknown > 0 && unknown < rules.length], [1, true], stdout);
  });
});

describe("the tamper matrix of restore points", () => {
  let points: PointLab;
  let systems: LabSystems;
  let lab: TamperLab;
  let pulumi: PlainPulumi;
  let goOn: Undo | undefined;

  before(async () => {
    points = await PointLab.up();
    const { root, checkout, cluster, record } = points;
    systems = await LabSystems.connect(root, readLabRecord(root) as LabRecord);
    pulumi = await PlainPulumi.open(root, "lab", { root, record });
    const { vcenter } = systems;
    points.narrow("inventory");
    points.group("auto");
    await points.take(HELD);
    points.group("never");
    lab = {
      ...{ checkout, root, cluster, vcenter, points },
      looker: await lookerKubeconfig(root, cluster),
      snapshot: "",
      fixtures: (vms) => points.fixtures(vms),
      edit: (path, value) => points.edit(path, value),
    };
    goOn = holdControllers(points);
  });

  after(async () => {
    await goOn?.();
    await systems.close();
    await points.down();
  });

  it("is empty on an untouched point", async () => {
    const { status, findings } = await lookAt(lab);
    deepStrictEqual([findings, status, await seen(lab, pulumi)], [[], 0, "nothing"]);
  });

  POINT_TAMPERINGS.forEach((one) => row(one, () => [lab, pulumi]));
});
