import type { Rule } from "../problem";
import type { StorageRequest } from "./backend";
import { noEncryption } from "./common";
import { listOption, textOption } from "./options";
import { pairRules } from "./parameters";

/** What has to be stated before anything can be promised of an unknown driver. */
export function genericRules(request: StorageRequest): readonly Rule[] {
  const { site, topology } = request;
  const factor = site.replicationFactor;
  const { spread, snapshots, copies, arrayReplicates } = site.backendOptions;
  const keyed = textOption(site.backendOptions, "replicaKey") !== undefined;
  const array = arrayReplicates === true;
  const overSites = topology.spread === "sites";
  return [
    [
      keyed && array,
      "backendOptions.arrayReplicates",
      "either the class names the copies (replicaKey) or the array keeps them, not both",
      "one of replicaKey and arrayReplicates",
    ],
    [
      !keyed && !array && factor !== 1,
      "replicationFactor",
      `nothing is stated that makes this driver keep ${factor} copies`,
      "backendOptions.replicaKey (the class parameter with the number), or arrayReplicates: true with copies",
    ],
    [
      !keyed && array && copies !== factor,
      "backendOptions.copies",
      copies === undefined
        ? "with arrayReplicates the number of copies that the array keeps has to be stated"
        : `the array keeps other than replicationFactor copies (${factor})`,
      String(factor),
    ],
    [
      factor !== 1 && spread !== "sites" && (spread !== "nodes" || overSites),
      "backendOptions.spread",
      overSites
        ? `the cluster spans ${topology.dataSites.length} data sites, and nothing is stated that keeps the copies on different ones`
        : "nothing is stated that keeps the copies on different nodes",
      overSites ? "sites" : "nodes or sites",
    ],
    [
      snapshots === false && site.backendOptions["groupSnapshots"] === true,
      "backendOptions.groupSnapshots",
      "a driver without snapshots has none of groups",
      "false",
    ],
    ...["snapshotParameters", "groupSnapshotParameters", "allowedTopologies"].flatMap((key) =>
      pairRules(`backendOptions.${key}`, listOption(site.backendOptions, key), "clusterID=main"),
    ),
    ...noEncryption(
      site,
      "nothing is known of this driver's encryption (its keys go into backendOptions.parameters)",
    ),
  ];
}
