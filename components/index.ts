export type { TakeRecorder } from "./takeHooks";
export {
  kubernetesProvider,
  vsphereProvider,
  type KubernetesProviderArgs,
  type VsphereProviderArgs,
} from "./providers";
export { Alerts, type AlertsArgs } from "./alerts";
export { NodeBackups, type NodeBackupsArgs } from "./nodeBackups";
export { ReplicatedStorage, type ReplicatedStorageArgs } from "./replicatedStorage";
export { RestorePoint, type RestorePointArgs, type RestorePointMember } from "./restorePoint";
export { restorePoints } from "./restorePoint";
export { SnapshotController, type SnapshotControllerArgs } from "./snapshotController";
export { SnapshotClasses, type SnapshotClassesArgs } from "./snapshotClasses";
