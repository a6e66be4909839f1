import type { SiteNodes, SitePlan } from "../../planning/plan";
import { counted } from "../../planning/words";
import { type Markup, markup, sign } from "./markup";
import { verdictWords } from "./verdicts";

/** Most nodes drawn in one site; the table below the drawing names all of them. */
const mostNodes = 12;

/** The sites with their nodes and one volume's copies, as boxes that find their places in any window by themselves. */
export function drawing(plan: SitePlan): Markup {
  const { dataSites, witnessSites } = plan.topology;
  const volume = exampleVolume(plan);
  const replicas = counted(volume.replicas, "copy", "copies");
  return markup`<figure class="drawing">
<p class="volume"><strong>One data volume</strong> ${replicas}, class ${volume.className}</p>
<div class="sites">
${dataSites.map((site) => siteBox(plan, volume, site, "data"))}${witnessSites.map((site) => siteBox(plan, volume, site, "witness"))}</div>
<figcaption>${caption(plan, volume)}</figcaption>
</figure>
`;
}

function siteBox(plan: SitePlan, volume: ExampleVolume, site: SiteNodes, role: string): Markup {
  const { name, storageNodes, controlPlaneNodes: count } = site;
  const held = storageNodes.flatMap((node) => volume.holds.get(node)?.kind ?? []);
  const replicas = held.filter((kind) => kind === "copy").length;
  const votes = held.length - replicas;
  const place = site.locatedIn === undefined ? "" : `, stands in ${site.locatedIn}`;
  const holds =
    role === "witness" ? `witness${place}: votes, holds no data` : holdsOf(replicas, votes);
  const more = storageNodes.length - mostNodes;
  return markup`<div class="site ${role} ${replicas > 0 ? "copy" : votes > 0 ? "vote" : ""}" data-site="${name}">
<p><strong>site ${name}</strong><br><small>${holds}</small></p>
<ul>${storageNodes.slice(0, mostNodes).map((node) => nodeBox(volume, node))}</ul>
${more > 0 ? markup`<p><small>and ${more} more storage nodes</small></p>` : undefined}
<p data-control-plane="${count}"><small><span aria-hidden="true">${"■".repeat(Math.min(count, 5))}</span> ${count === 0 ? "no control-plane node" : counted(count, "control-plane node")}</small></p>
${lossOf(plan, name)}</div>
`;
}

function holdsOf(replicas: number, votes: number): string {
  if (replicas > 0) {
    return `holds ${counted(replicas, "copy", "copies")}${votes > 0 ? " and a vote" : ""}`;
  }
  return votes > 0 ? "votes for this volume" : "no copy of this volume";
}

/** A filled circle for a copy, a diamond for a vote, a ring for a node that holds nothing of this volume. */
function nodeBox({ holds }: ExampleVolume, node: string): Markup {
  const held = holds.get(node);
  const [symbol, words] =
    held === undefined
      ? ["○", "storage node"]
      : held.kind === "copy"
        ? ["●", `copy ${held.number}`]
        : ["◇", "only votes"];
  return markup`<li class="${held?.kind}" data-node="${node}" data-holds="${held?.kind ?? "nothing"}"><span aria-hidden="true">${symbol}</span> <strong>${node}</strong><br><small>${words}</small></li>`;
}

/** What the loss of the whole site does. */
function lossOf({ survival }: SitePlan, site: string): Markup | undefined {
  const verdict = survival.verdicts.find(
    ({ loss }) => (loss.kind === "site" || loss.kind === "witness") && loss.site === site,
  );
  if (verdict === undefined) {
    return undefined;
  }
  const { tone, text } = verdictWords(verdict, survival.promised);
  return markup`<p><strong class="loss ${tone}">${sign(tone)} loss: ${text.replace(", not promised", "")}</strong></p>`;
}

function caption({ topology }: SitePlan, { holds }: ExampleVolume): string {
  const { dataSites, replicasPerSite } = topology;
  const votes = [...holds.values()].some(({ kind }) => kind === "vote");
  const spread =
    dataSites.length > 1 || dataSites.some(({ name }) => (replicasPerSite[name] ?? 0) === 0);
  return (
    `Filled nodes hold the copies of one example volume${votes ? ", the broken outline only votes" : ""}. ` +
    `Other volumes lie on other nodes ${spread ? "by the same rule" : "of the same site"}.`
  );
}

/** What one storage node holds of the drawn volume. */
type Holding = { readonly kind: "copy"; readonly number: number } | { readonly kind: "vote" };

/** One possible placement that obeys the plan, for the drawing: which node holds which copy or only votes. */
interface ExampleVolume {
  readonly className: string;
  readonly replicas: number;
  /** By node name. */
  readonly holds: ReadonlyMap<string, Holding>;
}

/** Backends whose volumes get a diskless vote of their own where the number of copies is even. */
const backendsWithTieBreaker: readonly string[] = ["linstor"];

/** The first nodes of each site that the plan gives copies to; the tie-breaker where no copy is. */
function exampleVolume(plan: SitePlan): ExampleVolume {
  const { dataSites, witnessSites, replicasPerSite } = plan.topology;
  const holds = new Map<string, Holding>();
  let replicas = 0;
  for (const site of dataSites) {
    for (const node of site.storageNodes.slice(0, replicasPerSite[site.name] ?? 0)) {
      replicas += 1;
      holds.set(node, { kind: "copy", number: replicas });
    }
  }
  if (backendsWithTieBreaker.includes(plan.site.backend) && replicas % 2 === 0 && replicas > 0) {
    // A witness votes for every volume; without one the vote stands in a data site that holds no copy, or beside one.
    const spare = dataSites.filter((site) => !site.storageNodes.some((node) => holds.has(node)));
    const voter = [...witnessSites, ...spare, ...(dataSites.length === 1 ? dataSites : [])]
      .flatMap((site) => site.storageNodes)
      .find((node) => !holds.has(node));
    if (voter !== undefined) {
      holds.set(voter, { kind: "vote" });
    }
  }
  const shown = plan.classes.find(({ spec }) => spec.default) ?? plan.classes[0];
  return { className: shown?.spec.name ?? "", replicas, holds };
}
