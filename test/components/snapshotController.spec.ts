// Shows that the controller's objects are registered, with what keeps the data. That a controller works
// with them is in test/cli/snapshotController.faults.spec.ts.
import assert from "node:assert/strict";
import { kubernetesProvider, SnapshotClasses, SnapshotController } from "../../components";
import type { Registration } from "../../engine/program/desiredState";
import { record, type Recording } from "../support/recorder";

const LABELS = { "app.kubernetes.io/managed-by": "atom-backup" };
const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SNAPSHOT_CLASS = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass";

function declare(groups = true): Promise<Recording> {
  return record(() => {
    const onCluster = {
      providers: [kubernetesProvider("kubernetes", { clusterIdentifier: "test" })],
    };
    const controller = new SnapshotController(
      "controller",
      {
        image: "registry.example/csi/snapshot-controller:v8.7.0",
        namespace: "snapshots",
        replicas: 2,
        groups,
        siteLabel: "topology.kubernetes.io/zone",
        labels: LABELS,
      },
      onCluster,
    );
    const volume = {
      name: "atom-snapshots",
      driver: "lab.csi.atom",
      deletionPolicy: "Retain",
      parameters: {},
    } as const;
    const classes = new SnapshotClasses(
      "snapshots",
      { volume, labels: LABELS },
      { ...onCluster, dependsOn: controller.crds },
    );
    return { volumeClass: classes.volumeClass };
  });
}

function ofType({ state }: Recording, type: string): Registration[] {
  return state.registrations.filter((one) => one.type === type);
}

interface PodTemplate {
  readonly spec: {
    readonly affinity: unknown;
    readonly containers: readonly { readonly args: readonly string[]; readonly image: string }[];
  };
}

function podOf(recording: Recording): PodTemplate["spec"] {
  const { inputs } = recording.one(DEPLOYMENT, "controller-deployment");
  return (inputs["spec"] as unknown as { readonly template: PodTemplate }).template.spec;
}

describe("SnapshotController", () => {
  it("registers three CRDs, and three more where groups are used", async () => {
    const singles = ofType(await declare(false), CRD).map(({ name }) => name);
    assert.deepEqual(singles, [
      "controller-volumesnapshotclasses.snapshot.storage.k8s.io",
      "controller-volumesnapshots.snapshot.storage.k8s.io",
      "controller-volumesnapshotcontents.snapshot.storage.k8s.io",
    ]);
    const all = ofType(await declare(), CRD).map(({ name }) => name);
    assert.deepEqual(all, [
      ...singles,
      "controller-volumegroupsnapshotclasses.groupsnapshot.storage.k8s.io",
      "controller-volumegroupsnapshots.groupsnapshot.storage.k8s.io",
      "controller-volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io",
    ]);
  });

  it("protects and keeps the CRDs, and nothing else", async () => {
    const { state } = await declare();
    const kept = state.registrations.filter((one) => one.protect && one.retainOnDelete);
    assert.deepEqual(
      kept.map(({ type }) => type),
      Array.from({ length: 6 }, () => CRD),
    );
    assert.deepEqual(
      state.registrations.filter((one) => one.protect !== one.retainOnDelete),
      [],
    );
  });

  it("has classes and controller wait for the CRDs", async () => {
    const recording = await declare();
    const crds = ofType(recording, CRD).map(({ urn }) => urn);
    for (const dependent of [
      recording.one(SNAPSHOT_CLASS, "snapshots-volume"),
      recording.one(DEPLOYMENT, "controller-deployment"),
    ]) {
      const missing = crds.filter((urn) => !dependent.dependsOn.includes(urn));
      assert.deepEqual(missing, [], dependent.name);
    }
  });

  it("keeps the two replicas on different nodes always, and in different sites where there is room", async () => {
    const recording = await declare();
    const { inputs } = recording.one(DEPLOYMENT, "controller-deployment");
    assert.equal((inputs["spec"] as { readonly replicas?: unknown }).replicas, 2);
    const labelSelector = { matchLabels: { "app.kubernetes.io/name": "snapshot-controller" } };
    assert.deepEqual(podOf(recording).affinity, {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: "kubernetes.io/hostname", labelSelector },
        ],
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: "topology.kubernetes.io/zone", labelSelector },
          },
        ],
      },
    });
  });

  it("leads by a lease, and knows groups only where they are used", async () => {
    const [container] = podOf(await declare()).containers;
    const common = [
      "--leader-election=true",
      "--http-endpoint=:8080",
      "--kube-api-qps=50",
      "--kube-api-burst=100",
    ];
    assert.equal(container?.image, "registry.example/csi/snapshot-controller:v8.7.0");
    assert.deepEqual(container?.args, [...common, "--feature-gates=CSIVolumeGroupSnapshot=true"]);
    assert.deepEqual(podOf(await declare(false)).containers[0]?.args, common);
  });

  it("may do in groups what it has to, and only where they are used", async () => {
    const rules = async (groups: boolean): Promise<readonly string[]> => {
      const role = (await declare(groups)).one(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "controller-role",
      );
      const listed = role.inputs["rules"] as unknown as readonly {
        readonly apiGroups: readonly string[];
        readonly resources: readonly string[];
        readonly verbs: readonly string[];
      }[];
      return listed.map(
        ({ apiGroups, resources, verbs }) =>
          `${apiGroups.join()}/${resources.join()}: ${verbs.join(" ")}`,
      );
    };
    const singles = [
      "/persistentvolumes: get list watch",
      "/persistentvolumeclaims: get list watch update",
      "/events: list watch create update patch",
      "snapshot.storage.k8s.io/volumesnapshotclasses: get list watch",
      "snapshot.storage.k8s.io/volumesnapshotcontents: get list watch create update patch delete",
      "snapshot.storage.k8s.io/volumesnapshotcontents/status: patch",
      "snapshot.storage.k8s.io/volumesnapshots: get list watch create update patch delete",
      "snapshot.storage.k8s.io/volumesnapshots/status: update patch",
    ];
    assert.deepEqual(await rules(false), singles);
    assert.deepEqual(await rules(true), [
      ...singles,
      "groupsnapshot.storage.k8s.io/volumegroupsnapshotclasses: get list watch",
      "groupsnapshot.storage.k8s.io/volumegroupsnapshotcontents: get list watch create update patch delete",
      "groupsnapshot.storage.k8s.io/volumegroupsnapshotcontents/status: patch",
      "groupsnapshot.storage.k8s.io/volumegroupsnapshots: get list watch update patch",
      "groupsnapshot.storage.k8s.io/volumegroupsnapshots/status: update patch",
    ]);
  });
});
