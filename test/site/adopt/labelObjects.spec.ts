import assert from "node:assert/strict";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { labelObjects } from "../../../site/adopt/labelObjects";
import { labels } from "../../../planning/names";
import { desiredOf, liveObject, storageClass } from "../../drift/fixtures";

const declared = storageClass();

/** The one call that labelling makes, on one live object; undefined when it is gone. */
function clusterWith(live: ClusterObject | undefined) {
  const written: ClusterObject[] = [];
  const modify: ClusterClient["modify"] = (_reference, _manager, change) => {
    if (live !== undefined) {
      written.push(change(live));
    }
    return Promise.resolve(written.at(-1));
  };
  return { client: { modify } as ClusterClient, written };
}

function byHand(metadata: object): ClusterObject {
  return liveObject(declared, { metadata: { labels: {}, ...metadata } }) as ClusterObject;
}

const label = (client: ClusterClient) =>
  labelObjects(client, desiredOf([declared]), new Map([[declared.urn, labels("lab")]]));

describe("owner labels put on an object that is taken over", () => {
  it("join those that it has, and its fields become those of the engine's provider", async () => {
    const entry = { apiVersion: "storage.k8s.io/v1", fieldsType: "FieldsV1" };
    const status = { ...entry, manager: "controller", operation: "Update", subresource: "status" };
    const live = byHand({
      labels: { team: "storage" },
      managedFields: [
        {
          ...entry,
          manager: "flux",
          operation: "Apply",
          fieldsV1: { "f:provisioner": {}, "f:parameters": { "f:replicas": {} } },
        },
        status,
        {
          ...entry,
          manager: "kubectl-edit",
          operation: "Update",
          fieldsV1: { "f:parameters": { "f:spreadKey": {} } },
        },
      ],
    });
    const { client, written } = clusterWith(live);
    await label(client);
    const { metadata, ...fields } = live;
    assert.deepEqual(written, [
      {
        ...fields,
        metadata: {
          ...metadata,
          labels: { team: "storage", ...labels("lab") },
          managedFields: [
            {
              ...entry,
              manager: "pulumi-kubernetes",
              operation: "Update",
              fieldsV1: {
                "f:provisioner": {},
                "f:parameters": { "f:replicas": {}, "f:spreadKey": {} },
              },
            },
            status,
          ],
        },
      },
    ]);
  });

  it("are there already after a run that was killed: nothing moves", async () => {
    const { client, written } = clusterWith(byHand({ labels: labels("lab"), managedFields: [] }));
    await label(client);
    assert.deepEqual(written[0]?.metadata.labels, labels("lab"));
  });

  it("never replace a value that somebody put there since the comparison", async () => {
    const { client, written } = clusterWith(byHand({ labels: { "atom-backup/stack": "oslo" } }));
    await assert.rejects(label(client), {
      name: "LabelError",
      message:
        "StorageClass atom-replicated was given the label atom-backup/stack=oslo meanwhile; run the command again.",
    });
    assert.deepEqual(written, []);
  });

  it("say so when the object is gone", async () => {
    await assert.rejects(label(clusterWith(undefined).client), {
      name: "LabelError",
      message: "StorageClass atom-replicated went away meanwhile; run the command again.",
    });
  });
});
