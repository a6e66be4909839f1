import { X509Certificate } from "node:crypto";

import type { Rule } from "./problem";
import type { Site } from "./site";

/** Name of the CronJob that takes it. */
export const CRON_JOB = "atom-control-plane-backup";

/** What backups of the control plane need beyond the form of its keys. */
export function controlPlaneBackupRules({ nodeBackups }: Site): readonly Rule[] {
  const { controlPlane, etcd } = nodeBackups;
  if (controlPlane === undefined) {
    return [];
  }
  const at = "nodeBackups.controlPlane";
  const { certificate, offCluster } = controlPlane;
  return [
    [
      etcd === undefined,
      at,
      "nodeBackups.etcd is not set, so that nobody knows how etcd is reached",
      "endpoints, certificates and folder in nodeBackups.etcd",
    ],
    [
      etcd !== undefined && within(offCluster, etcd.folder),
      `${at}.offCluster`,
      "a copy in nodeBackups.etcd.folder lies on the disk of the node that it is to outlive",
      "an NFS export, or a folder on which a share from outside of the cluster is mounted",
    ],
    [
      keyTypeOf(certificate) !== "rsa",
      `${at}.certificate`,
      "no certificate of an RSA key can be read from it",
      "what openssl req -x509 -newkey rsa:4096 -keyout KEY -out CERTIFICATE makes; KEY stays off the cluster",
    ],
  ];
}

function within(path: string, folder: string): boolean {
  return `${path.replace(/\/+$/, "")}/`.startsWith(`${folder.replace(/\/+$/, "")}/`);
}

/** Undefined where it is no certificate. */
function keyTypeOf(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).publicKey.asymmetricKeyType;
  } catch {
    return undefined;
  }
}
