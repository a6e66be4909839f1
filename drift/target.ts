import type { ClusterClient } from "../clients/kubernetes/client";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Access } from "../clients/access";

/** What identifies the lab, as its record says. */
export interface LabTarget {
  /** UID of the namespace kube-system. */
  readonly clusterUid: string;
  /** SHA-256 fingerprint of the API server's certificate authority, hexadecimal. */
  readonly caFingerprint: string;
  readonly vcenterInstanceUuid: string;
}

/** The opened systems are not the lab; nothing was changed. */
export class WrongTargetError extends Error {
  override readonly name = "WrongTargetError";
}

/**
 * The lab's executor is no engine for a real site: it runs against the lab of this checkout and nothing else.
 *
 * @throws WrongTargetError naming what is expected and what was found
 */
export async function requireLab(
  target: LabTarget,
  cluster: Access<ClusterClient>,
  vcenter: Access<VcenterClient>,
): Promise<void> {
  if (cluster.state === "open") {
    compare(
      "certificate authority",
      plain(target.caFingerprint),
      plain(cluster.client.caFingerprint ?? "none"),
    );
    compare("UID of kube-system", target.clusterUid, await cluster.client.kubeSystemUid());
  }
  if (vcenter.state === "open") {
    const { instanceUuid } = vcenter.client;
    compare("instance UUID of vCenter", target.vcenterInstanceUuid.toLowerCase(), instanceUuid);
  }
}

function compare(what: string, expected: string, found: string): void {
  if (expected !== found) {
    throw new WrongTargetError(
      `This is not the lab of this checkout: its ${what} is ${found}, the lab's is ${expected}. Nothing was changed; ` +
        "real sites are deployed with the Pulumi CLI.",
    );
  }
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
