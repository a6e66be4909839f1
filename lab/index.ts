/**
 * The embedded lab: a real control plane and a vCenter simulator on this machine, for the stack `lab`. No
 * real site needs any of it.
 */
export { ensureBinaries } from "./build";
export { LAB_PASSPHRASE, LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "./credentials";
export { labDown, labStop, type LabDownOptions, type LabStopOptions } from "./down";
export { labEnv, vcenterServer } from "./environment";
export { LabError } from "./error";
export {
  LAB_CSI_DRIVER,
  LAB_NODES,
  LAB_SITES,
  LAB_STORAGE_NODES,
  SITE_LABEL,
  type LabNode,
} from "./inventory";
export { labPaths, projectDir, type LabPaths } from "./paths";
export { ensureProduct, PRODUCT_NAMESPACE } from "./product";
export { preflightHost, type HostCheck, type HostOptions } from "./preflight";
export { readLabRecord, updateLabRecord, type LabPorts, type LabRecord } from "./record";
export { prepareLabStack } from "./stack";
export { labStatus, type LabStatus, type ServiceStatus } from "./status";
export { labUp, type LabUpOptions } from "./up";
export type { LabPart } from "./binaries";
