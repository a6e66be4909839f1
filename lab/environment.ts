import { LAB_PASSPHRASE, LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "./credentials";
import { labPaths } from "./paths";
import type { LabRecord } from "./record";

/** Address of the lab's vCenter, `host:port`. */
export function vcenterServer(record: LabRecord): string {
  return `127.0.0.1:${record.ports.vcenter}`;
}

/**
 * Environment variables with which other tools (kubectl, govc, the vSphere provider, Pulumi) reach the lab.
 * The state backend is not among them: it stands in Pulumi.yaml. Nor is PATH: `labEngine` says what it lacks.
 */
export function labEnv(root: string, record: LabRecord): Record<string, string> {
  const paths = labPaths(root);
  const server = vcenterServer(record);
  return {
    KUBECONFIG: paths.kubeconfig,
    GOVC_URL: `https://${server}/sdk`,
    GOVC_USERNAME: LAB_VCENTER_USER,
    GOVC_PASSWORD: LAB_VCENTER_PASSWORD,
    GOVC_INSECURE: "true",
    VSPHERE_SERVER: server,
    VSPHERE_USER: LAB_VCENTER_USER,
    VSPHERE_PASSWORD: LAB_VCENTER_PASSWORD,
    VSPHERE_ALLOW_UNVERIFIED_SSL: "true",
    PULUMI_CONFIG_PASSPHRASE: LAB_PASSPHRASE,
    // The lab uses nothing but what is on this machine.
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Plain `pulumi` needs no options: the lab works on a copy of its stack file.
    PULUMI_STACK: "lab",
    PULUMI_OPTION_CONFIG_FILE: paths.stackFile,
  };
}
