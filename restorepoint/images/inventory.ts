import { whyUnread } from "../../clients/access";
import type { VcenterClient } from "../../clients/vcenter/client";
import { readNamed, type Named } from "../../clients/vcenter/vms";
import { UnknownError } from "../../planning/errors";
import { isClone } from "../../planning/nodeImages";
import type { PointSystems } from "../pointStack";

/** @throws UnknownError */
export function requireVcenter({ vcenter }: Pick<PointSystems, "vcenter">): VcenterClient {
  if (vcenter.state === "open") {
    return vcenter.client;
  }
  const why = whyUnread(vcenter, "No vCenter is configured.");
  throw new UnknownError(`It is unknown which VMs there are: ${why}`);
}

/** Reference of the only one of a name. @throws Error */
export async function requireNamed(
  vcenter: VcenterClient,
  type: "Datastore" | "HostSystem",
  name: string,
): Promise<string> {
  const all = await readNamed(vcenter, type);
  const [found, ...others] = all.filter((one) => one.name === name);
  if (found === undefined || others.length > 0) {
    const names =
      all
        .map((one) => one.name)
        .sort()
        .join(", ") || "none";
    const count = found === undefined ? "no" : "more than one";
    throw new Error(`vCenter shows ${count} ${type} of the name ${name}. It shows ${names}.`);
  }
  return found.reference;
}

/** Whether it is the image that a run made of a node. */
export function isImage(
  { annotation, isTemplate }: Named,
  ...owner: [string, string, string]
): boolean {
  return isTemplate && isClone(annotation, ...owner, "image");
}
