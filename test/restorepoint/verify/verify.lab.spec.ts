import { deepEqual, equal, match, ok } from "node:assert/strict";

import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { MANIFEST, writeProductBytes } from "../../../lab/product";
import { takeEtcdSnapshot } from "../../../restorepoint/etcd/takeSnapshot";
import { lastProof } from "../../../restorepoint/presence";
import { silentReporter } from "../../support/silentReporter";
import { verifyName } from "../../../planning/names";
import type { VolumeMember } from "../../../planning/pointRecord";
import { sharedDataPlane, type DataPlane } from "../../lab/support/dataPlane";
import { contents } from "../../lab/support/objects";
import {
  takeRestorePoint,
  takenVolume,
  inventory,
  labSite,
  labSiteWith,
  removeVolume,
  requireSame,
  scratchFolders,
  setFaults,
  verifyOnce,
} from "./takeRestorePoint";

const CLAIM = "data-inventory-0";
const claimOf = { namespace: "atom", claim: CLAIM, pod: "inventory-0" };

describe("verifying a restore point", () => {
  let lab: DataPlane;
  const members: VolumeMember[] = [];

  before(async () => {
    lab = await sharedDataPlane();
  });

  after(async () => {
    setFaults(lab.root, []);
    for (const member of members) {
      await removeVolume(lab.systems, lab.api, member);
    }
  });

  const taken = async (name: string, claim = CLAIM): Promise<VolumeMember> => {
    const member = await takenVolume(lab.systems, lab.api, name, claim);
    members.push(member);
    return member;
  };

  it("R8: proves a point whose restored bytes are those of the moment, and leaves nothing", async () => {
    const [source] = await lab.replicas("atom", CLAIM);
    const atTaking = contents(source?.folder ?? "");
    const point = takeRestorePoint("verified", [
      await taken("verified-a"),
      await taken("verified-b", "data-telemetry-0"),
    ]);
    await writeProductBytes(lab.api, { claims: [claimOf], kibibytes: 16 });
    const before = await inventory(lab.systems);
    const scratch = verifyName("lab", point.name, `volume atom/${CLAIM}`);
    const seen: Record<string, string>[] = [];
    const { verification, journal } = await verifyOnce(lab.systems, point, {
      onStep: (what) => {
        if (what === `delete Job atom-backup/${scratch}`) {
          const at = { apiVersion: "v1", kind: "PersistentVolumeClaim", name: scratch };
          seen.push(...scratchFolders(lab.root, { ...at, namespace: "atom-backup" }).map(contents));
        }
      },
    });
    deepEqual(
      verification.members.map(({ member, verdict, why }) => ({ member, verdict, why })),
      [
        { member: `volume atom/${CLAIM}`, verdict: "proven", why: undefined },
        { member: "volume atom/data-telemetry-0", verdict: "proven", why: undefined },
      ],
    );
    deepEqual(verification.left, []);
    // Two copies of the scratch volume, both with the bytes of the snapshot and not with those of now.
    deepEqual(seen, [atTaking, atTaking]);
    ok(contents(source?.folder ?? "")[MANIFEST] !== atTaking[MANIFEST]);
    equal(verification.members[0]?.manifest?.files, Object.keys(atTaking).length);
    await requireSame(lab.systems, before);
    const oldest = journal.record.verifications.map(({ at }) => at).sort()[0];
    equal(lastProof(journal.record), oldest);

    // The storage's snapshot is still there: without a command, the manifest alone proves it now.
    const site = labSiteWith("manifest");
    const only = [`atom/${CLAIM}`];
    const again = await verifyOnce(lab.systems, point, { site, only });
    deepEqual(
      again.verification.members.map(({ verdict, manifest }) => ({ verdict, manifest })),
      [{ verdict: "proven", manifest: verification.members[0]?.manifest }],
    );
    await requireSame(lab.systems, before);
  });

  it("calls a volume readable that nobody has called right, and says what it cannot look at", async () => {
    const point = takeRestorePoint("readable", [await taken("readable-a")]);
    const site = labSiteWith("manifest");
    const first = await verifyOnce(lab.systems, point, { site });
    equal(first.verification.members[0]?.verdict, "readable");
    equal(lastProof(first.journal.record), undefined);
    const second = await verifyOnce(lab.systems, point, { site: labSiteWith("none") });
    deepEqual(
      second.verification.members.map(({ verdict, why }) => ({ verdict, why })),
      [
        {
          verdict: "restored",
          why: "product.probe is not set, so that nothing can read it: give it an image with a shell and sha256sum",
        },
      ],
    );
  });

  it("finds a snapshot with a wrong byte, and one that the storage has lost", async () => {
    const before = await inventory(lab.systems);
    setFaults(lab.root, [
      { method: "CreateSnapshot", claim: `atom/${CLAIM}`, action: { corrupt: true } },
      {
        method: "CreateSnapshot",
        claim: "atom/data-telemetry-0",
        action: { loseAfter: true },
      },
    ]);
    const bad = [await taken("wrong-a"), await taken("wrong-b", "data-telemetry-0")];
    setFaults(lab.root, []);
    const { verification, journal } = await verifyOnce(lab.systems, takeRestorePoint("wrong", bad));
    const [corrupt, lost] = verification.members;
    equal(corrupt?.verdict, "failed");
    match(
      corrupt.why ?? "",
      /^it is not what it should be: (MANIFEST\.sha256|tables\/\w+|log\/current)\b.* the probe ended with exit code 1$/,
    );
    equal(lost?.verdict, "failed");
    match(lost.why ?? "", /^it cannot be restored: .*snapshot.*$/);
    deepEqual(
      journal.record.verifications.map(({ result }) => result),
      ["failed", "failed"],
    );
    for (const member of bad) {
      await removeVolume(lab.systems, lab.api, member);
      members.splice(members.indexOf(member), 1);
    }
    await requireSame(lab.systems, before);
  });

  it("proves a snapshot of etcd by its checksum and a restore, and finds a changed one", async () => {
    const site = labSite();
    const port = lab.systems.record.ports.etcd;
    const etcd = site.nodeBackups.etcd;
    ok(etcd !== undefined);
    const member = await takeEtcdSnapshot(lab.systems.cluster, {
      stack: "lab",
      namespace: site.cluster.namespace,
      name: "verified-etcd",
      backup: { ...etcd, endpoints: [`https://127.0.0.1:${port}`] },
      progress: silentReporter.progress(""),
    });
    const point = takeRestorePoint("verified-etcd", [member]);
    const before = await inventory(lab.systems);
    const good = await verifyOnce(lab.systems, point);
    const file = join(storagePaths(labPaths(lab.root)).hosts, member.node, member.file);
    appendFileSync(file, "x");
    const bad = await verifyOnce(lab.systems, point);
    const sum = createHash("sha256").update(readFileSync(file)).digest("hex");
    rmSync(file);
    const gone = await verifyOnce(lab.systems, point);
    deepEqual(
      [good, bad, gone].flatMap(({ verification: { members: all } }) =>
        all.map(({ verdict, why }) => [verdict, why]),
      ),
      [
        ["proven", undefined],
        ["failed", `it is not what it should be: its SHA-256 is ${sum}`],
        ["failed", "it cannot be read: there is no such file"],
      ],
    );
    await requireSame(lab.systems, before);
  });
});
