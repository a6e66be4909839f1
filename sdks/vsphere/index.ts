export { Provider, type ProviderArgs } from "./provider";
export { VirtualMachineSnapshot, type VirtualMachineSnapshotArgs } from "./virtualMachineSnapshot";
