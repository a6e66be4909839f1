import { deepStrictEqual } from "node:assert/strict";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { removeTaken } from "../../restorepoint/removeTaken";
import { silentReporter } from "../support/silentReporter";
import { volumeMember } from "../support/points";
import { liveContent } from "./expire/fixtures";

const apiVersion = "snapshot.storage.k8s.io/v1";

describe("removing what was taken", () => {
  it("removes a content that the snapshot controller, which saw it as Retain, did not tell to go", async () => {
    const member = volumeMember("p", "data-0");
    const { namespace, snapshot: name } = member;
    const snapshot = { apiVersion, kind: "VolumeSnapshot", namespace, name };
    const content: ClusterObject = {
      ...{ apiVersion, kind: "VolumeSnapshotContent", metadata: { name: member.content } },
      spec: { deletionPolicy: "Retain", volumeSnapshotRef: { namespace, name } },
    };
    const live = new Map<string, ClusterObject>([
      [name, { apiVersion, kind: "VolumeSnapshot", metadata: { namespace, name } }],
      [member.content, content],
    ]);
    const client: Partial<ClusterClient> = {
      get: (reference: ObjectReference) => Promise.resolve(live.get(reference.name)),
      modify: (reference, _manager, change) => {
        const object = live.get(reference.name);
        const changed = object && change(object);
        if (changed !== undefined) {
          live.set(reference.name, changed);
        }
        return Promise.resolve(changed);
      },
      delete: (reference) => {
        live.delete(reference.name);
        return Promise.resolve();
      },
    };
    const contents = [{ ...liveContent(member), ofGroup: false }];
    const leftovers = { groups: [], groupContents: [], snapshots: [snapshot], contents };
    const progress = silentReporter.progress("");
    await removeTaken(leftovers, {
      client: client as ClusterClient,
      progress,
      // The first look at what does not go comes after 5 s.
      limitMs: 20_000,
    });
    deepStrictEqual([...live.keys()], []);
  });
});
