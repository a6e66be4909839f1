import type { Rule } from "../problem";
import type { StorageRequest } from "./backend";
import { noEncryption } from "./common";
import { listOption, textOption } from "./options";

/** `key=value` of an option `parameters`; a value may hold further equal signs. */
export function splitParameter(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

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
      snapshots === false,
      "backendOptions.snapshots",
      "without CSI snapshots there is no way back to the state before an upgrade",
      "true, with a driver that has them",
    ],
    ...parameterRules(request),
    ...noEncryption(
      site,
      "nothing is known of this driver's encryption (its keys go into backendOptions.parameters)",
    ),
  ];
}

function parameterRules({ site }: StorageRequest): readonly Rule[] {
  const own = ["csi.storage.k8s.io/fstype", textOption(site.backendOptions, "replicaKey")];
  const lists = [
    { path: "backendOptions", options: site.backendOptions },
    ...site.classes.map(({ options }, index) => ({ path: `classes[${index}].options`, options })),
  ];
  return lists.flatMap(({ path, options }) =>
    listOption(options, "parameters").flatMap((item, index): readonly Rule[] => {
      const [key] = splitParameter(item);
      const at = `${path}.parameters[${index}]`;
      const plain = item.indexOf("=") > 0;
      return [
        [!plain, at, "a class parameter is written as key=value", "key=value"],
        [
          plain && own.includes(key),
          at,
          `${key} is set from its own key, and two values would contradict each other`,
          "replicationFactor for the copies, classes[].fsType for the file system",
        ],
      ];
    }),
  );
}
