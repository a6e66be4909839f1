import type { Problem } from "../problem";
import type { StorageRequest } from "./backend";
import { noEncryption } from "./common";
import { listOption, textOption } from "./options";
import { shown } from "../words";

/** `key=value` of an option `parameters`; a value may hold further equal signs. */
export function splitParameter(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** What has to be stated before anything can be promised of an unknown driver. */
export function checkGeneric(request: StorageRequest): readonly Problem[] {
  return [
    ...replicaProblems(request),
    ...spreadProblems(request),
    ...snapshotProblems(request),
    ...parameterProblems(request),
    ...noEncryption(
      request.site,
      "nothing is known of this driver's encryption (its keys go into backendOptions.parameters)",
    ),
  ];
}

function replicaProblems({ site }: StorageRequest): readonly Problem[] {
  const options = site.backendOptions;
  const factor = site.replicationFactor;
  const replicaKey = textOption(options, "replicaKey");
  const arrayReplicates = options["arrayReplicates"] === true;
  const replicas = options["copies"];
  if (replicaKey !== undefined && arrayReplicates) {
    return [
      {
        path: "backendOptions.arrayReplicates",
        value: "true",
        message: "either the class names the copies (replicaKey) or the array keeps them, not both",
        allowed: "Allowed: one of replicaKey and arrayReplicates",
      },
    ];
  }
  if (replicaKey === undefined && !arrayReplicates) {
    return factor === 1
      ? []
      : [
          {
            path: "replicationFactor",
            value: String(factor),
            message: `nothing is stated that makes this driver keep ${factor} copies`,
            allowed:
              "Allowed: backendOptions.replicaKey (the class parameter with the number), or arrayReplicates: true with copies",
          },
        ];
  }
  if (arrayReplicates && replicas !== factor) {
    return [
      {
        path: "backendOptions.copies",
        value: replicas === undefined ? undefined : String(replicas),
        message:
          replicas === undefined
            ? "with arrayReplicates the number of copies that the array keeps has to be stated"
            : `the array keeps other than replicationFactor copies (${factor})`,
        allowed: `Allowed: ${factor}`,
      },
    ];
  }
  return [];
}

function spreadProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const spread = textOption(site.backendOptions, "spread");
  if (site.replicationFactor === 1 || spread === "sites") {
    return [];
  }
  const overSites = topology.spread === "sites";
  if (spread === "nodes" && !overSites) {
    return [];
  }
  return [
    {
      path: "backendOptions.spread",
      value: spread === undefined ? undefined : shown(spread),
      message: overSites
        ? `the cluster spans ${topology.dataSites.length} data sites, and nothing is stated that keeps the copies on different ones`
        : "nothing is stated that keeps the copies on different nodes",
      allowed: `Allowed: ${overSites ? "sites" : "nodes or sites"}`,
    },
  ];
}

function snapshotProblems({ site }: StorageRequest): readonly Problem[] {
  return site.backendOptions["snapshots"] === false
    ? [
        {
          path: "backendOptions.snapshots",
          value: "false",
          message: "without CSI snapshots there is no way back to the state before an upgrade",
          allowed: "Allowed: true, with a driver that has them",
        },
      ]
    : [];
}

function parameterProblems({ site }: StorageRequest): readonly Problem[] {
  const own = new Set([
    "csi.storage.k8s.io/fstype",
    ...[textOption(site.backendOptions, "replicaKey")].filter((key) => key !== undefined),
  ]);
  const lists = [
    { path: "backendOptions.parameters", items: listOption(site.backendOptions, "parameters") },
    ...site.classes.map((spec, index) => ({
      path: `classes[${index}].options.parameters`,
      items: listOption(spec.options, "parameters"),
    })),
  ];
  return lists.flatMap(({ path, items }) =>
    items.flatMap((item, index) => {
      const [key] = splitParameter(item);
      if (item.indexOf("=") < 1) {
        return [
          {
            path: `${path}[${index}]`,
            value: shown(item),
            message: "a class parameter is written as key=value",
            allowed: "Allowed: key=value",
          },
        ];
      }
      return own.has(key)
        ? [
            {
              path: `${path}[${index}]`,
              value: shown(item),
              message: `${key} is set from its own key, and two values would contradict each other`,
              allowed:
                "Allowed: replicationFactor for the copies, classes[].fsType for the file system",
            },
          ]
        : [];
    }),
  );
}
