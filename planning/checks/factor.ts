import type { StorageBackend } from "../backends/backend";
import type { Problem } from "../problem";
import type { Site } from "../site";
import { planTopology, siteCapacity, totalCapacity } from "../topology";
import { counted, listed } from "../words";

/** Rule of a single copy, which a waiver may pass: `{rule: single-copy, subject: replicationFactor}`. */
export const SINGLE_COPY = "single-copy";

/** Whether the factor can be placed: on these nodes, and by this backend. */
export function factorProblems(site: Site, backend: StorageBackend): readonly Problem[] {
  const factor = site.replicationFactor;
  const refuse = (message: string, allowed: string, rule?: string): readonly Problem[] => [
    {
      path: "replicationFactor",
      value: String(factor),
      message,
      allowed: `Allowed: ${allowed}`,
      ...(rule === undefined ? {} : { rule }),
    },
  ];
  if (!Number.isInteger(factor) || factor < 1) {
    return refuse("not a number of copies", "a whole number from 2");
  }
  if (factor > backend.limits.replicas) {
    return refuse(
      `the backend ${backend.id} keeps at most ${backend.limits.replicas} copies`,
      possible(site, backend),
    );
  }
  if (totalCapacity(site.topology, factor) < factor) {
    return refuse(tooMany(site), possible(site, backend));
  }
  return factor === 1
    ? refuse(
        "with a single copy the loss of one node or disk loses data and service",
        "2 or more",
        SINGLE_COPY,
      )
    : [];
}

function tooMany(site: Site): string {
  const factor = site.replicationFactor;
  const { dataSites, maxPerSite, spread } = planTopology(site.topology, factor);
  const places = dataSites.map(
    (place) =>
      `${place.name} ${siteCapacity(place, maxPerSite)} of ${counted(place.storageNodes.length, "node")}`,
  );
  return spread === "sites"
    ? `copies stand on different nodes, and each of ${dataSites.length} data sites holds at most ceil(${factor} / ${dataSites.length}) = ${maxPerSite}: ` +
        `there is room for ${totalCapacity(site.topology, factor)} (${listed(places)})`
    : `copies stand on different nodes, and there ${totalCapacity(site.topology, factor) === 1 ? "is" : "are"} ` +
        `${counted(totalCapacity(site.topology, factor), "storage node")}`;
}

/** Factors of two and more that the storage nodes and the backend can hold; the room does not always grow with the factor. */
export function possibleFactors(site: Site, backend: StorageBackend): readonly number[] {
  return Array.from({ length: backend.limits.replicas }, (_, index) => index + 1).filter(
    (factor) => factor > 1 && totalCapacity(site.topology, factor) >= factor,
  );
}

function possible(site: Site, backend: StorageBackend): string {
  const factors = possibleFactors(site, backend);
  return factors.length === 0
    ? "more storage nodes"
    : `${listed(factors.map(String), "or")}, or more storage nodes`;
}
