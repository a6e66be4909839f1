import type { ClusterClient } from "../../clients/kubernetes/client";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { planSite } from "../../planning";
import { UNCOVERED_CLAIM } from "../../planning/draftPoint";
import { findWaiver } from "../../planning/problem";
import type { Site, Waiver } from "../../planning/site";
import { judgeStop, readStopWorld } from "../product/hazards";
import { GROUP_API } from "../served";
import type { PointDraft } from "./draft";

/** Something that stands against taking a point. */
interface Objection {
  /** Id of the rule that a waiver may pass; undefined: nobody waives it. */
  readonly rule?: string | undefined;
  readonly subject?: string;
  readonly text: string;
}

export interface Objections {
  /** What nobody answers for, in sentences. */
  readonly against: readonly string[];
  /** Waivers that are made use of. */
  readonly waivers: readonly Waiver[];
}

/** What stands against a point beside what preflight looks at. */
export async function findObjections(
  site: Site,
  draft: PointDraft,
  client: ClusterClient,
): Promise<Objections> {
  const isStop = draft.point.consistency === "stopped";
  const found: readonly Objection[] = [
    ...draft.volumes.uncovered.map(({ namespace, claim, reason }) => ({
      rule: UNCOVERED_CLAIM,
      subject: `${namespace}/${claim}`,
      text:
        `${namespace}/${claim} cannot be held by a restore point: ${reason}. Mend it, narrow product.selector, or waive ` +
        `rule ${UNCOVERED_CLAIM} for subject ${namespace}/${claim}.`,
    })),
    ...(isStop ? judgeStop(await readStopWorld(client, site.product)) : []),
    ...(await missingClasses(site, draft, client)),
  ];
  const now = new Date();
  const judged = found.map(({ rule, subject, text }) => ({
    text,
    waiver: findWaiver(site, rule, subject === undefined ? [] : [subject], now),
  }));
  return {
    against: judged.flatMap(({ text, waiver }) => (waiver === undefined ? [text] : [])),
    waivers: judged.flatMap(({ waiver }) => waiver ?? []),
  };
}

/** Without its class a snapshot only waits. */
async function missingClasses(
  site: Site,
  { point: { groupVersion, volumes } }: PointDraft,
  client: ClusterClient,
): Promise<readonly Objection[]> {
  if (volumes.length === 0) {
    return [];
  }
  if (planSite(site).snapshotClass === undefined) {
    return [
      { text: "The driver has no snapshots (backendOptions.snapshots): no volume can be taken." },
    ];
  }
  const [apiVersion, kind] =
    groupVersion === undefined
      ? [SNAPSHOT_API, "VolumeSnapshotClass"]
      : [`${GROUP_API}/${groupVersion}`, "VolumeGroupSnapshotClass"];
  const name = site.snapshots.className;
  const served = await client.resource(apiVersion, kind);
  const found = served && (await client.get({ apiVersion, kind, name }));
  const text = `The cluster has no ${kind} ${name}: deploy the site first with ./atom up --stack ${site.stack}.`;
  return found === undefined ? [{ text }] : [];
}
