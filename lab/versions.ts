import * as fs from "node:fs";
import * as path from "node:path";
import { goFolder, type Binary } from "./binaries";

const PULUMI_FOLDER = path.join("engine", "pulumi");
const PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3";

/**
 * Version of a Go module that a go.mod of the lab pins, e.g. `v1.37.2`.
 * @param folder folder with the go.mod, relative to lab/
 */
function pinnedVersion(project: string, folder: string, module: string): string {
  const file = path.join(project, "lab", folder, "go.mod");
  const escaped = module.replace(/[.+]/g, "\\$&");
  const pin = new RegExp(`^(?:require|\\t)\\s*${escaped} (v\\d+\\.\\d+\\.\\d+)`, "m");
  const version = pin.exec(fs.readFileSync(file, "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${file} pins no version of ${module}`);
  }
  return version;
}

/** Version of Kubernetes that the control plane's go.mod pins, e.g. `v1.37.2`. */
export function kubernetesVersion(project: string): string {
  return pinnedVersion(project, "controlplane", "k8s.io/kubernetes");
}

/** Version of the Pulumi CLI that is built, e.g. `v3.248.0`. */
export function pulumiVersion(project: string): string {
  return pinnedVersion(project, PULUMI_FOLDER, PULUMI_SDK);
}

/**
 * Linker flags that tell a program its version. Built from modules, a Kubernetes server would say
 * `v0.0.0-master+$Format:%H$`, which clients cannot parse, and Pulumi's CLI nothing. etcd has its version in its source.
 */
export function versionFlags(project: string, binary: Binary): string[] {
  if (goFolder(binary) === PULUMI_FOLDER) {
    return [`-X ${PULUMI_SDK}/go/common/version.Version=${pulumiVersion(project)}`];
  }
  if (!binary.package.startsWith("k8s.io/kubernetes/")) {
    return [];
  }
  const version = kubernetesVersion(project);
  const [major, minor] = version.slice(1).split(".");
  const target = "k8s.io/component-base/version";
  return [
    `-X ${target}.gitVersion=${version}`,
    `-X ${target}.gitMajor=${major}`,
    `-X ${target}.gitMinor=${minor}`,
    `-X ${target}.gitTreeState=clean`,
  ];
}
