import * as atom from "./components";
import { loadSite, vcenterPassword } from "./config/load";
import { pointFilePath, recordVm, setPointState } from "./config/pointFile";
import { projectRoot } from "./config/projectRoot";
import { labels as siteLabels, planSite } from "./planning";

const site = loadSite();
const plan = planSite(site);
const labels = siteLabels(site.stack);

const cluster = atom.kubernetesProvider("kubernetes", {
  clusterIdentifier: site.stack,
  context: site.cluster.context,
});
const onCluster = { providers: [cluster] };
const vcenter =
  site.virtualMachines &&
  atom.vsphereProvider("vsphere", { ...site.virtualMachines, password: vcenterPassword() });

const storage = new atom.ReplicatedStorage(
  "storage",
  { ...site, classes: plan.classes, companions: plan.companions, labels },
  onCluster,
);
const controller =
  plan.snapshotController &&
  new atom.SnapshotController("controller", { ...plan.snapshotController, labels }, onCluster);
const snapshots =
  plan.snapshotClass &&
  new atom.SnapshotClasses(
    "snapshots",
    { volume: plan.snapshotClass, volumeGroup: plan.groupSnapshotClass, labels },
    { ...onCluster, dependsOn: controller?.crds ?? [] },
  );
const { nodeBackups, stack } = site;
if (nodeBackups.controlPlane || nodeBackups.velero) {
  const declared = { ...nodeBackups, velero: plan.velero, stack, labels };
  new atom.NodeBackups("backups", declared, { ...onCluster, dependsOn: controller?.crds ?? [] });
}
if (plan.alerts) {
  new atom.Alerts("alerts", { rules: plan.alerts }, onCluster);
}
const points = atom.restorePoints(
  plan.restorePoints,
  ({ name }) => {
    const file = pointFilePath(projectRoot(), site.restorePointsDir, site.stack, name);
    return {
      vm: (taken) => recordVm(file, taken, new Date().toISOString()),
      complete: () => setPointState(file, "ready"),
    };
  },
  { providers: vcenter ? [cluster, vcenter] : [cluster] },
);

/** Names of the storage classes, in the order of the stack file. */
export const storageClasses = storage.classNames;

/** Name of the class in which volume snapshots are taken; none where the driver has no snapshots. */
export const snapshotClass = snapshots?.volumeClass;

/** Full copies of each data volume by data site. */
export const replicaPlan = plan.topology.replicasPerSite;

/** What the installation survives, in one line. */
export const survival = plan.survival.summary;

/** VM snapshots of each restore point, by the point's name. */
export const restorePoints = Object.fromEntries(
  [...points].map(([name, point]) => [name, point.members]),
);
