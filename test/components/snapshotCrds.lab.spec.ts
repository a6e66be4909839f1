// Shows that our CRDs say what those of the API's makers say, which the lab seeds, and that an API server takes ours
// and holds objects against them. A controller at work on them: test/cli/snapshotController.faults.spec.ts.
import { deepStrictEqual, equal, rejects } from "node:assert/strict";

import { type ClusterObject, referenceOf } from "../../clients/kubernetes/object";
import { waitFor } from "../../clients/wait";
import { snapshotCrds } from "../../components/snapshotCrds";
import type { KubernetesObject } from "../../planning/plan";
import type { LabSystems } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";
import { fields, type SchemaNode } from "./fields";

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly subresources?: { readonly status?: object };
  readonly additionalPrinterColumns: readonly Readonly<Record<string, unknown>>[];
  readonly schema: { readonly openAPIV3Schema: SchemaNode };
}

interface Spec {
  readonly group: string;
  readonly scope: string;
  readonly names: object;
  readonly versions: readonly Version[];
}

/** What a CRD means, in a form in which two can be compared. */
function meaning(crd: Readonly<Record<string, unknown>>): unknown {
  const { group, scope, names, versions } = crd["spec"] as Spec;
  const served = versions.filter((version) => version.served);
  return {
    group,
    scope,
    names,
    versions: Object.fromEntries(
      served.map((version) => [
        version.name,
        {
          storage: version.storage,
          deprecated: version.deprecated ?? false,
          status: version.subresources?.status !== undefined,
          columns: version.additionalPrinterColumns.map(({ name, jsonPath, type }) => [
            name,
            jsonPath,
            type,
          ]),
          fields: fields(version.schema.openAPIV3Schema),
        },
      ]),
    ),
  };
}

describe("the snapshot CRDs", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  for (const ours of snapshotCrds(true)) {
    it(`${ours.metadata.name}: names, versions, columns, fields and rules are those of the API's makers`, async () => {
      const theirs = await lab.cluster.get({ ...referenceOf(ours as ClusterObject) });
      deepStrictEqual(meaning(ours), meaning(theirs ?? {}));
      equal(
        ours.metadata.annotations?.["api-approved.kubernetes.io"],
        theirs?.metadata.annotations?.["api-approved.kubernetes.io"],
      );
    });
  }

  it("are taken by an API server that has none, which then holds objects against them", async () => {
    const made = snapshotCrds(true).map(elsewhere);
    try {
      for (const crd of made) {
        await lab.cluster.create(crd, "test");
      }
      for (const crd of made) {
        equal(
          await waitFor(() => established(lab, crd), { timeoutMs: 60_000, pauseMs: 100 }),
          true,
        );
      }
      await holdsSnapshots(lab);
      await holdsGroups(lab);
    } finally {
      for (const crd of made) {
        await lab.cluster.delete(referenceOf(crd), undefined);
      }
    }
  });
});

/** The same kind in a group of its own, beside the seeded ones; outside of k8s.io no review is asked for. */
function elsewhere(crd: KubernetesObject): ClusterObject {
  const text = JSON.stringify(crd).replaceAll("storage.k8s.io", "atom-test.example");
  return JSON.parse(text) as ClusterObject;
}

/** Whether the API server serves a kind; undefined while it does not. */
async function established({ cluster }: LabSystems, crd: ClusterObject): Promise<true | undefined> {
  const { conditions = [] } = ((await cluster.get(referenceOf(crd)))?.["status"] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.some(({ type, status }) => type === "Established" && status === "True")
    ? true
    : undefined;
}

function snapshot(name: string, spec: object): ClusterObject {
  return {
    apiVersion: "snapshot.atom-test.example/v1",
    kind: "VolumeSnapshot",
    metadata: { name, namespace: "default" },
    spec,
  };
}

async function holdsSnapshots({ cluster }: LabSystems): Promise<void> {
  const source = { persistentVolumeClaimName: "data" };
  const good = snapshot("good", { source, volumeSnapshotClassName: "atom" });
  await cluster.create(good, "test");
  await rejects(
    cluster.create(
      snapshot("both", { source: { ...source, volumeSnapshotContentName: "content" } }),
      "test",
    ),
    /set either volumeSnapshotContentName or persistentVolumeClaimName, and not both/,
  );
  await rejects(
    cluster.create(snapshot("none", { source: {} }), "test"),
    /set either volumeSnapshotContentName or persistentVolumeClaimName, and not both/,
  );
  await rejects(
    cluster.create(snapshot("empty", { source, volumeSnapshotClassName: "" }), "test"),
    /volumeSnapshotClassName cannot be empty: leave it out instead/,
  );
  await rejects(
    cluster.modify(referenceOf(good), "test", (live) => ({
      ...live,
      spec: { source: { persistentVolumeClaimName: "other" } },
    })),
    /persistentVolumeClaimName cannot be changed/,
  );
  await rejects(
    cluster.modify(referenceOf(good), "test", (live) => ({
      ...live,
      spec: { source: { volumeSnapshotContentName: "content" } },
    })),
    /persistentVolumeClaimName cannot be removed/,
  );
  await rejects(
    cluster.create(
      {
        apiVersion: "snapshot.atom-test.example/v1",
        kind: "VolumeSnapshotClass",
        metadata: { name: "atom" },
        driver: "lab.csi.atom",
        deletionPolicy: "Keep",
      },
      "test",
    ),
    /deletionPolicy: Unsupported value: "Keep": supported values: "Delete", "Retain"/,
  );
}

async function holdsGroups({ cluster }: LabSystems): Promise<void> {
  const made: ClusterObject = {
    apiVersion: "groupsnapshot.atom-test.example/v1",
    kind: "VolumeGroupSnapshot",
    metadata: { name: "group", namespace: "default" },
    spec: { source: { selector: { matchLabels: { point: "p" } } } },
  };
  await cluster.create(made, "test");
  for (const version of ["v1", "v1beta2", "v1beta1"]) {
    const apiVersion = `groupsnapshot.atom-test.example/${version}`;
    const seen = await cluster.get({ ...referenceOf(made), apiVersion });
    deepStrictEqual(seen?.["spec"], made["spec"]);
  }
  await rejects(
    cluster.modify(referenceOf(made), "test", (live) => ({
      ...live,
      spec: { source: { selector: { matchLabels: { point: "q" } } } },
    })),
    /selector cannot be changed/,
  );
}
