import type { StorageBackend, StorageRequest } from "../backends/backend";
import { checkOptions } from "../backends/options";
import { backendIds, backendOf, requestOf } from "../backends/registry";
import { isVersion } from "../backends/version";
import { versionRule } from "../backends/versionOf";
import type { Verdict } from "../plan";
import { brokenRules, type Problem } from "../problem";
import type { Site } from "../site";
import { isPromised, keepsPromise, promiseProblem, siteCountRule } from "../survival/promise";
import { losses } from "../survival/losses";
import { sharedHostProblems } from "../survival/sharedHosts";
import { snapshotControllerRules } from "../snapshotController";
import { factorProblems, possibleFactors } from "./factor";
import { restorePointProblems } from "./restorePoints";
import { topologyRules } from "./topology";

/** As the API server takes it; `kubernetes.io/no-provisioner` is the name of none. */
const DRIVER_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i;

/**
 * Every semantic problem of a site, in the order of the stack file's parts: placement, backend and its options, survival,
 * fail-over, restore points. Waivers are not applied; see `waiverOf`. Never throws for a well-typed Site; no problem
 * means that the site is accepted and may be planned.
 */
export function checkSite(site: Site): readonly Problem[] {
  const backend = backendOf(site.backend);
  const { backendVersion } = site;
  const driver = backend?.provisioner(site.backendOptions) ?? "";
  const places = brokenRules(site, topologyRules(site.topology));
  return [
    ...brokenRules(site, [
      [
        backend === undefined,
        "backend",
        "there is no backend of this name",
        backendIds.join(", "),
        { candidates: backendIds },
      ],
      [
        backendVersion !== undefined && !isVersion(backendVersion),
        "backendVersion",
        "not a version",
        "a version such as 1.33.1",
      ],
      versionRule(site),
      [
        driver !== "" && !(driver.length <= 63 && DRIVER_NAME.test(driver)),
        site.backend === "generic" ? "backendOptions.provisioner" : "backendOptions",
        `no CSI driver can have the name ${driver}, so that every claim would wait without end`,
        'a name as kubectl get csidrivers shows it: letters, digits, "-" and ".", at most 63 characters',
      ],
    ]),
    ...(backend === undefined ? [] : optionProblems(site, backend)),
    ...places,
    ...(backend === undefined ? [] : storageProblems(site, backend, places.length === 0)),
    ...restorePointProblems(site),
    ...brokenRules(site, snapshotControllerRules(site)),
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
  const fewer = possible
    .filter((factor) => factor < site.replicationFactor)
    .map((factor) => ({
      factor,
      verdict: backend.survival(requestOf({ ...site, replicationFactor: factor }), first.loss),
    }));
  return [
    promiseProblem(site.survive, [first, ...others], {
      node: site.survive === "site" && brokenWith("node", site.replicationFactor).length === 0,
      factors: possible.filter((factor) => brokenWith(site.survive, factor).length === 0),
      fewer: fewer.findLast(({ verdict }) => verdict.survived),
    }),
    ...shared,
  ];
}
