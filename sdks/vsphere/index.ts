export { Provider, type ProviderArgs } from "./provider";
export {
  VirtualMachineSnapshot,
  type VirtualMachineSnapshotArgs,
  type VirtualMachineSnapshotState,
} from "./virtualMachineSnapshot";
