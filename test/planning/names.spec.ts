import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  takenName,
  labels,
  labelValue,
  memberResourceName,
  NAME_LIMITS,
  ownerMark,
  parseOwnerMark,
  snapshotName,
} from "../../planning/names";

const OWNER = { stack: "north", point: "pre-24.1", release: "24.1", node: "a-1" };

describe("names", () => {
  it("stay as they are while they fit", () => {
    assert.equal(takenName("a".repeat(63), NAME_LIMITS.label), "a".repeat(63));
    assert.equal(snapshotName("north", "pre-24.1"), "atom.north.pre-24.1");
    assert.equal(memberResourceName("pre-24.1", "a-1"), "pre-24.1-vm-a-1");
  });

  it("are cut with a hash of the whole text", () => {
    assert.equal(takenName("a".repeat(64), NAME_LIMITS.label), `${"a".repeat(52)}-ffe054fe7a`);
    assert.equal(snapshotName("north", "p".repeat(80)), `atom.north.${"p".repeat(58)}_54cf0b859e`);
  });

  it("differ where the whole texts differ, and never exceed their limit", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 300 }),
        fc.string({ minLength: 1, maxLength: 300 }),
        fc.constantFrom(...Object.values(NAME_LIMITS)),
        (one, two, limit) => {
          assert.ok(takenName(one, limit).length <= limit);
          assert.equal(takenName(one, limit) === takenName(two, limit), one === two);
        },
      ),
    );
  }).timeout(20_000);

  it("tell long texts apart that share their beginning", () => {
    const start = "x".repeat(300);
    const names = ["1", "2", "3"].map((end) => takenName(start + end, NAME_LIMITS.object));
    assert.equal(new Set(names).size, 3);
  });
});

describe("the name of a VM snapshot", () => {
  const part = fc.stringMatching(/^[a-z0-9._-]{1,90}$/);
  const point = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/);

  it("belongs to one stack and one point, also where dots could be read two ways", () => {
    assert.notEqual(snapshotName("a.b", "c"), snapshotName("a", "b.c"));
    fc.assert(
      fc.property(part, point, part, point, (stack, name, otherStack, otherName) => {
        assert.equal(
          snapshotName(stack, name) === snapshotName(otherStack, otherName),
          stack === otherStack && name === otherName,
        );
      }),
    );
  }).timeout(20_000);

  it("holds nothing that vSphere escapes or refuses, whatever it is made from", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 120 }), fc.string(), (stack, name) => {
        assert.match(snapshotName(stack, name), /^atom[A-Za-z0-9._-]{1,76}$/);
      }),
    );
  }).timeout(20_000);
});

describe("labels", () => {
  it("name the program, the product and the stack", () => {
    assert.deepEqual(labels("north"), {
      "app.kubernetes.io/managed-by": "atom-backup",
      "app.kubernetes.io/part-of": "atom",
      "atom-backup/stack": "north",
    });
  });

  it("are values that Kubernetes accepts, and differ where the stacks differ", () => {
    assert.equal(labelValue("north/../x"), "north-..-x-5993b84a52");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, two) => {
        assert.match(labelValue(one), /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/);
        assert.equal(labelValue(one) === labelValue(two), one === two);
      }),
    );
  }).timeout(20_000);
});

describe("the owner mark of a VM snapshot", () => {
  it("is a sentence for people and a mark for the program", () => {
    assert.equal(
      ownerMark(OWNER),
      "Restore point pre-24.1 of ATOM site north, release 24.1, node a-1. " +
        "Not to be removed by hand. " +
        "[atom-backup/1 stack=north point=pre-24.1 release=24.1 node=a-1]",
    );
  });

  it("is read back whatever the values are", () => {
    const value = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(value, value, value, value, (stack, point, release, node) => {
        const owner = { stack, point, release, node };
        assert.deepEqual(parseOwnerMark(ownerMark(owner)), owner);
      }),
    );
  }).timeout(20_000);

  it("cannot be forged by a value", () => {
    const forged = ownerMark({ ...OWNER, release: "1] [atom-backup/1 stack=south point=x" });
    assert.deepEqual(parseOwnerMark(forged), {
      ...OWNER,
      release: "1] [atom-backup/1 stack=south point=x",
    });
  });

  it("is nobody's when it was edited or never was one", () => {
    assert.equal(parseOwnerMark(""), undefined);
    assert.equal(parseOwnerMark("before patching"), undefined);
    assert.equal(parseOwnerMark(`${ownerMark(OWNER)} edited`), undefined);
    assert.equal(parseOwnerMark(ownerMark(OWNER).replace("point=", "punkt=")), undefined);
    assert.equal(parseOwnerMark(ownerMark(OWNER).replace("node=a-1", "node=%zz")), undefined);
  });
});
