import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabError, explainFileError } from "../../lab/error";
import { readIfThere, readOrWrite, writeFile } from "../../lab/files";
import { readLabRecord, updateLabRecord, writeLabRecord, type LabRecord } from "../../lab/record";
import { removeTemporary, temporary } from "./support/temporary";

const record: LabRecord = {
  version: 1,
  ports: { etcd: 1, etcdPeer: 2, apiserver: 3, controllerManager: 4, vcenter: 5 },
  clusterUid: undefined,
  caFingerprint: undefined,
  vcenterInstanceUuid: "uuid",
  createdAt: "2026-01-01T00:00:00Z",
  settled: false,
  seeded: undefined,
  deployedBy: undefined,
};

describe("the lab's files", () => {
  afterEach(removeTemporary);

  it("are readable by their owner only, and replaced as a whole", () => {
    const file = path.join(temporary(), "sub", "file");
    writeFile(file, "one");
    writeFile(file, "two");
    assert.equal(readIfThere(file), "two");
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ["file"]);
  });

  it("are made once", () => {
    const file = path.join(temporary(), "file");
    assert.equal(
      readOrWrite(file, () => "first"),
      "first",
    );
    assert.equal(
      readOrWrite(file, () => "second"),
      "first",
    );
  });

  it("that do not fit on the disk are a clear message", () => {
    assert.throws(() => {
      try {
        fs.writeFileSync("/dev/full", "x");
      } catch (error) {
        throw explainFileError(error, "/lab/record.json cannot be written");
      }
    }, new LabError("/lab/record.json cannot be written: no space is left on the disk: free some and run the command again."));
  });

  it("keep an error that nobody can mend as it is", () => {
    const error = new Error("bug");
    assert.equal(explainFileError(error, "x"), error);
  });

  it("hold the record, of which fields can change", () => {
    const root = temporary();
    assert.equal(readLabRecord(root), undefined);
    writeLabRecord(root, record);
    updateLabRecord(root, { deployedBy: "pulumi" });
    assert.equal(readLabRecord(root)?.deployedBy, "pulumi");
    assert.deepEqual(readLabRecord(root)?.ports, record.ports);
  });

  for (const text of ["", "{", "[]", '{"version":2}', '{"version":1,"ports":{"etcd":"1"}}']) {
    it(`refuse the damaged record ${JSON.stringify(text)}`, () => {
      const root = temporary();
      writeFile(path.join(root, ".lab", "record.json"), text);
      assert.throws(
        () => readLabRecord(root),
        new LabError(
          `${root}/.lab/record.json is damaged. Run \`./atom lab down\`, which ends and erases this lab, then start again.`,
        ),
      );
    });
  }

  it("say that there is no lab to change", () => {
    const root = temporary();
    assert.throws(
      () => updateLabRecord(root, { deployedBy: "atom" }),
      new LabError(`There is no lab in ${root}. Run \`./atom lab up\` first.`),
    );
  });
});
