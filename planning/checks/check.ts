import type { StorageBackend, StorageRequest } from "../backends/backend";
import { checkOptions } from "../backends/options";
import { backendOf, requestOf } from "../backends/registry";
import { versionRule } from "../backends/version";
import type { Verdict } from "../plan";
import { brokenRules, firstBroken, type Problem, problemOf } from "../problem";
import type { Site } from "../site";
import { isPromised, keepsPromise, siteCountRule, sharedHostProblems } from "../survival/promise";
import { losses } from "../survival/losses";
import { controlPlaneBackupRules } from "../controlPlaneBackup";
import { imageRules } from "../nodeImages";
import { snapshotControllerRules } from "../snapshotController";
import { veleroRules } from "../veleroBackup";
import { restorePointProblems } from "./restorePoints";
import { scheduleProblems } from "./schedules";
import { topologyRules } from "./topology";
import { planTopology, siteCapacity, totalCapacity } from "../topology";
import { counted, listed } from "../words";

/** As the API server takes it; `kubernetes.io/no-provisioner` is the name of none. */
const DRIVER_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i;

/**
 * Every semantic problem of a site, in the order of the stack file's parts: placement, backend and its options, survival,
 * fail-over, restore points, schedules, backups. Waivers are not applied; see `waiverOf`. Never throws for a well-typed Site; no problem
 * means that the site is accepted and may be planned.
 */
export function checkSite(site: Site): readonly Problem[] {
  const backend = backendOf(site.backend);
  const driver = backend.provisioner(site.backendOptions);
  const places = brokenRules(site, topologyRules(site.topology));
  return [
    ...brokenRules(site, [
      versionRule(site),
      [
        driver !== "" && !(driver.length <= 63 && DRIVER_NAME.test(driver)),
        site.backend === "generic" ? "backendOptions.provisioner" : "backendOptions",
        `no CSI driver can have the name ${driver}, so that every claim would wait without end`,
        'a name as kubectl get csidrivers shows it: letters, digits, "-" and ".", at most 63 characters',
      ],
    ]),
    ...optionProblems(site, backend),
    ...places,
    ...storageProblems(site, backend, places.length === 0),
    ...restorePointProblems(site),
    ...scheduleProblems(site),
    ...brokenRules(site, [
      ...snapshotControllerRules(site),
      ...controlPlaneBackupRules(site),
      ...imageRules(site),
      ...veleroRules(site, backend.snapshotClass(requestOf(site)) !== undefined),
    ]),
  ];
}

function optionProblems(site: Site, backend: StorageBackend): readonly Problem[] {
  return [
    ...checkOptions("backendOptions", backend.id, site.backendOptions, backend.options),
    ...site.classes.flatMap((spec, index) =>
      checkOptions(`classes[${index}].options`, backend.id, spec.options, backend.classOptions),
    ),
  ];
}

/** What placement, backend, survival and fail-over say; the first three need sound sites to say anything. */
function storageProblems(
  site: Site,
  backend: StorageBackend,
  soundSites: boolean,
): readonly Problem[] {
  const request = requestOf(site);
  const failover = backend.failover(request);
  const refused = "refused" in failover ? [failover.refused] : [];
  if (!soundSites) {
    return refused;
  }
  const factor = factorProblems(site, backend);
  const own = backend.check(request);
  const sites = brokenRules(site, [siteCountRule(site, request.topology)]);
  const placeable =
    site.replicationFactor > 1 &&
    factor.length === 0 &&
    sites.length === 0 &&
    // What a waiver may pass can be placed, and must keep its promise all the same.
    own.every((problem) => problem.rule !== undefined);
  return [
    ...factor,
    ...own,
    ...sites,
    ...(placeable ? survivalProblems(backend, request, refused.length > 0) : []),
    ...refused,
  ];
}

/**
 * A single copy is refused (or waived) by its own rule, which says already that no loss is survived; and of copies
 * that cannot be placed no verdict would mean anything.
 */
function survivalProblems(
  backend: StorageBackend,
  { site }: StorageRequest,
  withoutMechanism: boolean,
): readonly Problem[] {
  const withPerson = site.failover === "manual" || withoutMechanism;
  const brokenWith = (survive: Site["survive"], factor: number): readonly Verdict[] => {
    const request = requestOf({ ...site, survive, replicationFactor: factor });
    const promised = losses(request.topology).filter((loss) => isPromised(loss, survive));
    return promised
      .map((loss) => backend.survival(request, loss))
      .filter((verdict) => !keepsPromise(verdict, withPerson));
  };
  const [first, ...others] = brokenWith(site.survive, site.replicationFactor);
  // What breaks with one node breaks with its host: said once, by the promise itself.
  const shared =
    first?.loss.kind === "node"
      ? []
      : sharedHostProblems(backend, requestOf(site), (verdict) =>
          keepsPromise(verdict, withPerson),
        );
  if (first === undefined) {
    return shared;
  }
  const possible = possibleFactors(site, backend).filter(
    (factor) => backend.check(requestOf({ ...site, replicationFactor: factor })).length === 0,
  );
  const factors = possible.filter((factor) => brokenWith(site.survive, factor).length === 0);
  // More copies can survive less.
  const fewer = possible
    .filter((factor) => factor < site.replicationFactor)
    .map((factor) => ({
      factor,
      verdict: backend.survival(requestOf({ ...site, replicationFactor: factor }), first.loss),
    }))
    .findLast(({ verdict }) => verdict.survived);
  const node = site.survive === "site" && brokenWith("node", site.replicationFactor).length === 0;
  const instead = [
    ...(node ? ["node"] : []),
    ...(factors.length > 0 ? [`replicationFactor ${listed(factors.map(String), "or")}`] : []),
    "other sites or nodes",
  ];
  const message =
    `${first.title}: ${first.rule}` +
    (others.length === 0 ? "" : ` (and ${counted(others.length, "more case")} like it)`) +
    (fewer === undefined
      ? ""
      : `. With replicationFactor ${fewer.factor} the same loss is survived: ${fewer.verdict.rule}`);
  return [problemOf(site, [true, "survive", message, instead.join("; ")]), ...shared];
}

/** Rule of a single copy, which a waiver may pass: `{rule: single-copy, subject: replicationFactor}`. */
const SINGLE_COPY = "single-copy";

/** Whether the factor can be placed: on these nodes, and by this backend. */
function factorProblems(site: Site, backend: StorageBackend): readonly Problem[] {
  const factor = site.replicationFactor;
  const most = backend.limits.replicas;
  const path = "replicationFactor";
  const fits = factor <= most && totalCapacity(site.topology, factor) >= factor;
  const allowed = fits ? "" : possible(site, backend);
  const single = "with a single copy the loss of one node or disk loses data and service";
  return brokenRules(
    site,
    firstBroken([
      [factor > most, path, `the backend ${backend.id} keeps at most ${most} copies`, allowed],
      [!fits, path, tooMany(site), allowed],
      [factor === 1, path, single, "2 or more", { rule: SINGLE_COPY }],
    ]),
  );
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
function possibleFactors(site: Site, backend: StorageBackend): readonly number[] {
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
