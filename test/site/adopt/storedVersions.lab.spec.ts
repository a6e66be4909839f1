import { deepStrictEqual, equal, rejects } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { referenceOf } from "../../../clients/kubernetes/object";
import type { PlainValue } from "../../../engine/program/desiredState";
import { labelObjects } from "../../../site/adopt/labelObjects";
import { planAdopt } from "../../../site/adopt/planAdopt";
import { findDrift } from "../../../drift/findings";
import { labels } from "../../../planning/names";
import { snapshotCrds } from "../../../components/snapshotCrds";
import { apiOf } from "../../lab/support/cluster";
import { desiredOf, recorded, registration, stack, stateOf } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

/** Beside the seeded ones; outside of k8s.io no review of the API is asked for. */
const GROUP = "stored.atom-test.example";
const NAME = `volumesnapshots.${GROUP}`;

const [, volumeSnapshots] = snapshotCrds(false);
const crd = JSON.parse(
  JSON.stringify(volumeSnapshots).replaceAll("snapshot.storage.k8s.io", GROUP),
) as ClusterObject;
const { metadata: own, ...ours } = crd;
const inputs = { ...ours, metadata: { ...own, labels: labels(stack) } } as unknown as Readonly<
  Record<string, PlainValue>
>;
const declared = registration(
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
  `controller-${NAME}`,
  inputs,
  { protect: true, retainOnDelete: true },
);

/** As others brought it years ago: the old version beside the new one, and one of them stored. */
function theirs(stored: "v1beta1" | "v1"): ClusterObject {
  const { spec, ...object } = crd as ClusterObject & {
    readonly spec: { readonly versions: readonly object[] };
  };
  const [v1 = {}] = spec.versions;
  const version = (name: string): object => ({ ...v1, name, storage: name === stored });
  return { ...object, spec: { ...spec, versions: [version("v1beta1"), version("v1")] } };
}

const snapshot: ClusterObject = {
  apiVersion: `${GROUP}/v1`,
  kind: "VolumeSnapshot",
  metadata: { name: "old", namespace: "default" },
  spec: { source: { persistentVolumeClaimName: "data" } },
};

const WHY =
  "Objects of it may still be stored as v1beta1, which the declared one (v1) does not have; the API server refuses that.";
const LEAVE =
  "or set snapshots.installController: false and leave the CRDs to those who brought them.";

describe("taking over CRDs whose objects were stored in older versions", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
    await lab.cluster.create(theirs("v1beta1"), "them");
    await served(() => lab.cluster.create(snapshot, "them"));
  });

  after(async () => {
    await lab.cluster.delete(referenceOf(theirs("v1")), undefined);
  });

  async function adopting() {
    const desired = desiredOf([declared]);
    const live = await lab.live(desired);
    const state = stateOf([]);
    const plan = planAdopt({ desired, state, live, points: [], differing: true });
    const seen = plan.actions.map(({ kind, reason }) => [kind, reason]);
    return { desired, plan, seen };
  }

  function become(spec: unknown): Promise<ClusterObject | undefined> {
    return lab.cluster.modify(referenceOf(theirs("v1")), "them", (live) => ({ ...live, spec }));
  }

  it("is refused while the old version is the one in which objects are stored", async () => {
    deepStrictEqual((await adopting()).seen, [
      [
        "blocked",
        `${WHY} It is the very version in which new ones are stored: have those who brought the CRD bring the one of ` +
          `external-snapshotter 8.4 or newer first, ${LEAVE}`,
      ],
    ]);
  });

  it("is refused while the old version is on the list, as the API server would refuse it", async () => {
    await become(theirs("v1")["spec"]);
    await rejects(
      become(inputs["spec"]),
      /status\.storedVersions\[0\]: Invalid value: "v1beta1": missing from spec\.versions/,
    );
    const refusal =
      `${WHY} Have them all stored anew as v1: kubectl get ${NAME} -A -o json | kubectl replace -f - ; then take the ` +
      `others off the list: kubectl patch crd ${NAME} --subresource=status --type=merge -p ` +
      `'{"status":{"storedVersions":["v1"]}}' ; ${LEAVE}`;
    deepStrictEqual((await adopting()).seen, [["blocked", refusal]]);
    // `up` changes what is in the state: it refuses the same.
    const desired = desiredOf([declared]);
    const live = await lab.live(desired);
    const state = stateOf([recorded(declared)]);
    deepStrictEqual(
      findDrift({ desired, state, live, points: [] }).map(({ kind, blocked, reason }) => [
        kind,
        blocked,
        reason,
      ]),
      [["differs", true, refusal]],
    );
  });

  it("is done after the remedy, and what was stored is there as before", async () => {
    const before = await lab.cluster.get(referenceOf(snapshot));
    // The two commands of the refusal.
    await lab.cluster.modify(referenceOf(snapshot), "kubectl-replace", (live) => live);
    await apiOf(lab.root, lab.record, (api) =>
      api.apply(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${NAME}/status`,
        JSON.stringify({
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: NAME },
          status: { storedVersions: ["v1"] },
        }),
      ),
    );
    const { desired, plan, seen } = await adopting();
    deepStrictEqual(seen, [
      [
        "import",
        "It is taken over as it is, with our owner labels; ./atom up then changes the other fields.",
      ],
    ]);
    await labelObjects(lab.cluster, desired, plan.labels);
    await become(inputs["spec"]);
    const live = await lab.live(desired);
    const state = stateOf([recorded(declared)]);
    deepStrictEqual(
      findDrift({ desired, state, live, points: [] }).map(({ kind }) => kind),
      ["same"],
    );
    const now = await lab.cluster.get(referenceOf(snapshot));
    equal(now?.metadata.uid, before?.metadata.uid);
    deepStrictEqual(now?.["spec"], before?.["spec"]);
  });
});

/** Tries for ten seconds: the API server serves a new kind a moment after its definition is there. */
async function served<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await action();
    } catch (error) {
      if (tries === 100) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
