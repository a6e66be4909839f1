import { removeFromYaml } from "../../../config/yamlEdit";
import { pointOf } from "../../../drift/points";
import type { DeployedState } from "../../../drift/types";
import type { RestorePointFile } from "../../../planning/site";
import type { PointText } from "../../../site/up/candidate";

/*
 * What an interrupted run has cut for a point is removed before it is cut anew, or gone on from where the product is still
 * stopped. So what that run wrote down does not count when the cut is reviewed, only what is there: a member that its
 * clearing-up got to remove would stand against the cut for ever.
 */

/** The point's file without the members of an interrupted run. */
export function textAfresh({ name, text }: PointText): PointText {
  return { name, text: removeFromYaml(text, ["members"]) };
}

/** What an earlier deployment recorded, without what is of the point. */
export function recordAfresh(
  deployed: DeployedState,
  points: readonly RestorePointFile[],
  name: string,
): DeployedState {
  const isOther = ({ urn }: { readonly urn: string }): boolean =>
    pointOf(urn, points)?.name !== name;
  return { ...deployed, resources: deployed.resources.filter(isOther) };
}
