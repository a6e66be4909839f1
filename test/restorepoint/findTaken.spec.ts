import { deepStrictEqual } from "node:assert/strict";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { takenByMark } from "../../restorepoint/findTaken";
import { readCluster } from "../../restorepoint/liveSnapshots";
import { labels, POINT_LABEL, VERIFY_LABEL, volumeSnapshotName } from "../../planning/names";

interface Thing {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly spec?: object;
  readonly status?: object;
}

const API = "snapshot.storage.k8s.io/v1";
const GROUP_API = "groupsnapshot.storage.k8s.io/v1beta2";
const ours = { ...labels("lab"), [POINT_LABEL]: "pre-24.1" };
const nameOf = (claim: string): string => volumeSnapshotName("pre-24.1", claim);

function snapshot(name: string, marks: Readonly<Record<string, string>>, status = {}): Thing {
  const metadata = { name, namespace: "atom", labels: marks };
  return { apiVersion: API, kind: "VolumeSnapshot", metadata, status };
}

function content(name: string, of: string, change: Partial<Thing> = {}): Thing {
  return {
    apiVersion: API,
    kind: "VolumeSnapshotContent",
    metadata: { name },
    spec: {
      volumeSnapshotRef: { namespace: "atom", name: of },
      volumeSnapshotClassName: "atom-snapshots",
    },
    ...change,
  };
}

async function find(things: readonly Thing[]) {
  const client = {
    servedVersions: () => Promise.resolve(["v1beta2"]),
    list: (apiVersion: string, kind: string) =>
      Promise.resolve(
        things.filter((thing) => thing.apiVersion === apiVersion && thing.kind === kind),
      ),
  };
  const point = {
    stack: "lab",
    name: "pre-24.1",
    volumes: [{ namespace: "atom", claim: "data-0", uid: "u" }],
  };
  const live = await readCluster(client as unknown as ClusterClient);
  const found = Object.entries(takenByMark(live, point, "atom-snapshots"));
  return Object.fromEntries(
    found.map(([kind, all]: [string, readonly { readonly name: string }[]]) => [
      kind,
      all.map(({ name }) => name),
    ]),
  );
}

const nothing = { groups: [], groupContents: [], snapshots: [], contents: [] };

describe("what is there of a point that was taken", () => {
  it("are snapshots with our marks and their contents, bound or not", async () => {
    const found = await find([
      snapshot(nameOf("data-0"), ours),
      content("mine", nameOf("data-0")),
      snapshot("other", { ...ours, [POINT_LABEL]: "pre-25" }),
      content("others", "other"),
      snapshot("nightly", {}),
      content("nightly", "nightly"),
    ]);
    deepStrictEqual(found, { ...nothing, snapshots: [nameOf("data-0")], contents: ["mine"] });
  });

  it("are contents whose snapshot is gone, by the name that only ours has", async () => {
    const found = await find([content("left", nameOf("data-0")), content("nightly", "nightly")]);
    deepStrictEqual(found, { ...nothing, contents: ["left"] });
  });

  it("is nothing of a snapshot that somebody else made under our name", async () => {
    deepStrictEqual(
      await find([snapshot(nameOf("data-0"), {}), content("theirs", nameOf("data-0"))]),
      nothing,
    );
  });

  it("is nothing of what a verification of the point made beside it", async () => {
    const scratch = { ...ours, [VERIFY_LABEL]: "pre-24.1" };
    const things = [snapshot("verify-x", scratch), content("verify-x", "verify-x")];
    deepStrictEqual(await find(things), nothing);
  });

  it("is nothing that was taken with another class, though under our name", async () => {
    const spec = {
      volumeSnapshotRef: { namespace: "atom", name: nameOf("data-0") },
      volumeSnapshotClassName: "nightly",
    };
    deepStrictEqual(await find([content("theirs", nameOf("data-0"), { spec })]), nothing);
  });

  const group: Thing = {
    apiVersion: GROUP_API,
    kind: "VolumeGroupSnapshot",
    metadata: { name: "pre-24.1", namespace: "atom", labels: ours },
  };
  const groupContent: Thing = {
    apiVersion: GROUP_API,
    kind: "VolumeGroupSnapshotContent",
    metadata: { name: "group-content" },
    spec: {
      volumeGroupSnapshotRef: { namespace: "atom", name: "pre-24.1" },
      volumeGroupSnapshotClassName: "atom-snapshots",
    },
    status: { volumeGroupSnapshotHandle: "group-1" },
  };
  const annotations = { "groupsnapshot.storage.k8s.io/volumeGroupSnapshotHandle": "group-1" };
  const member = content("member-content", "snapshot-4711", {
    metadata: { name: "member-content", annotations },
  });

  it("are groups with the contents of their members, whose names are the controller's", async () => {
    const bound = snapshot("snapshot-4711", {}, { volumeGroupSnapshotName: "pre-24.1" });
    deepStrictEqual(await find([group, groupContent, bound, member]), {
      ...nothing,
      groups: ["pre-24.1"],
      contents: ["member-content"],
    });
  });

  it("are contents of a group that is gone, with those of its members", async () => {
    deepStrictEqual(await find([groupContent, member]), {
      ...nothing,
      groupContents: ["group-content"],
      contents: ["member-content"],
    });
  });
});
