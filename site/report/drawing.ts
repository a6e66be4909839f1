import type { SitePlan, Verdict } from "../../planning/plan";
import { counted } from "../../planning/words";
import { type Box, layOut, type Layout, measures, type NodeBox, type SiteBox } from "./layout";
import { type Markup, markup, signOf } from "./markup";
import { verdictWords } from "./verdicts";

/** Width of the page's text in CSS pixels, and of a telephone's. */
const wide = 1040;
const narrow = 352;

/**
 * The sites with their nodes and one volume's copies. Drawn twice, for wide and for narrow windows; style shows one
 * of them, and hides the other from screen readers too.
 */
export function drawing(plan: SitePlan): Markup {
  const wideLayout = layOut(plan, wide);
  return markup`<figure class="drawing">
${picture(plan, wideLayout, "wide")}${picture(plan, layOut(plan, narrow), "narrow")}<figcaption>${caption(plan, wideLayout)}</figcaption>
</figure>
`;
}

function picture(plan: SitePlan, layout: Layout, variant: string): Markup {
  const { width, height } = layout;
  return markup`<svg class="${variant}" role="img" aria-labelledby="drawing-${variant}-title drawing-${variant}-desc" viewBox="-2 -2 ${width + 4} ${height + 4}" width="${width + 4}" height="${height + 4}">
<title id="drawing-${variant}-title">Sites, nodes and the copies of one volume</title>
<desc id="drawing-${variant}-desc">${inWords(plan, layout)}</desc>
<g class="wires">${layout.sites.map((site) => wire(layout, site))}</g>
${volumeBox(layout)}${layout.sites.map((site) => siteDrawing(plan, site))}</svg>
`;
}

function volumeBox({ volume, example }: Layout): Markup {
  const replicas = counted(example.replicas, "copy", "copies");
  return markup`<g class="volume">${rectangle(volume, 24)}${text(volume.x + volume.width / 2, volume.y + 20, "strong middle", "One data volume")}${text(volume.x + volume.width / 2, volume.y + 37, "small middle", shorten(`${replicas}, class ${example.className}`, 38))}</g>
`;
}

/** From the volume to a site that holds a copy (whole line) or a vote (broken line); none to others. */
function wire(layout: Layout, { port, replicas, votes }: SiteBox): Markup | undefined {
  if (replicas + votes === 0) {
    return undefined;
  }
  const { volume, flow } = layout;
  const kind = replicas > 0 ? "copy" : "vote";
  const bend = volume.y + volume.height + measures.wires / 2;
  const path =
    flow === "columns"
      ? `M${volume.x + volume.width / 2} ${volume.y + volume.height}V${bend}H${port.x}V${port.y}`
      : `M${volume.x + 12} ${volume.y + volume.height}V${port.y}H${port.x}`;
  return markup`<path class="wire ${kind}" d="${path}"/>`;
}

function siteDrawing(plan: SitePlan, box: SiteBox): Markup {
  const { site, role } = box;
  const left = box.x + measures.padding;
  const place = site.locatedIn === undefined ? "" : `, stands in ${site.locatedIn}`;
  const kind = role === "data" ? holdsOf(box) : `witness${place}: votes, holds no data`;
  const verdict = lossOf(plan, site.name);
  return markup`<g class="site ${role}" data-site="${site.name}"><title>${`site ${site.name}`}</title>${rectangle(box, 10)}${text(left, box.y + 24, "strong", shorten(`site ${site.name}`, Math.floor(box.width / 10)))}${text(left, box.y + 42, "small muted", shorten(kind, Math.floor(box.width / 6.6)))}
${box.nodes.map(nodeDrawing)}${box.left > 0 ? moreNodes(box) : undefined}${controlPlane(box)}${verdict === undefined ? undefined : lossLine(plan, box, verdict)}</g>
`;
}

function holdsOf({ replicas, votes }: SiteBox): string {
  if (replicas > 0) {
    return `holds ${counted(replicas, "copy", "copies")}${votes > 0 ? " and a vote" : ""}`;
  }
  return votes > 0 ? "votes for this volume" : "no copy of this volume";
}

function nodeDrawing(node: NodeBox): Markup {
  const { holds } = node;
  const full = holds === undefined ? "storage node" : holdingWords(holds);
  return markup`<g class="node ${holds?.kind}" data-node="${node.name}" data-holds="${holds?.kind ?? "nothing"}"><title>${`${node.name}: ${full}`}</title>${rectangle(node, 6)}${text(node.x + 34, node.y + 21, "name", shorten(node.name, Math.floor((node.width - 42) / 8.4)))}${text(node.x + 34, node.y + 38, "small", full)}${symbol(node)}</g>
`;
}

function holdingWords(holds: NonNullable<NodeBox["holds"]>): string {
  return holds.kind === "copy" ? `copy ${holds.number}` : "only votes";
}

/** A disk for a copy, a diamond for a vote, a plain ring for a node that holds nothing of this volume. */
function symbol({ x, y, holds }: NodeBox): Markup {
  const middle = { x: x + 18, y: y + measures.node.height / 2 };
  if (holds?.kind === "vote") {
    return markup`<path class="symbol" d="M${middle.x} ${middle.y - 9}l9 9l-9 9l-9 -9z"/>`;
  }
  if (holds === undefined) {
    return markup`<circle class="symbol" cx="${middle.x}" cy="${middle.y}" r="4"/>`;
  }
  const top = middle.y - 8;
  return markup`<path class="symbol" d="M${middle.x - 8} ${top + 2}v12a8 4 0 0 0 16 0v-12z"/><ellipse class="lid" cx="${middle.x}" cy="${top + 2}" rx="8" ry="4"/>`;
}

function moreNodes({ nodes, left, x }: SiteBox): Markup {
  const last = nodes[nodes.length - 1];
  const y = (last?.y ?? 0) + measures.node.height + measures.gap + 24;
  return text(x + measures.padding, y, "muted", `and ${left} more storage nodes`);
}

function controlPlane({ site, controlPlane: { x, y } }: SiteBox): Markup {
  const count = site.controlPlaneNodes;
  const squares = Array.from({ length: Math.min(count, 5) }, (_, index) =>
    rectangle({ x: x + index * 18, y, width: 13, height: 13 }, 2),
  );
  const beside = squares.length === 0 ? x : x + squares.length * 18 + 4;
  const words = count === 0 ? "no control-plane node" : `${count} control plane`;
  return markup`<g class="control-plane" data-control-plane="${count}"><title>${`${count} control-plane nodes`}</title>${squares}${text(beside, y + 11, "small", words)}</g>`;
}

function lossOf(plan: SitePlan, site: string): Verdict | undefined {
  return plan.survival.verdicts.find(
    ({ loss }) => (loss.kind === "site" || loss.kind === "witness") && loss.site === site,
  );
}

function lossLine(plan: SitePlan, { x, y, height }: SiteBox, verdict: Verdict): Markup {
  const { tone, text: words } = verdictWords(verdict, plan.survival.promised);
  const line = y + height - 18;
  const short = words.replace(", not promised", "");
  return markup`<g class="loss ${tone}"><title>${`Loss of the whole site: ${words}`}</title>${text(x + measures.padding, line, "strong small", `${signOf(tone)} loss: ${short}`)}</g>`;
}

function caption({ topology }: SitePlan, layout: Layout): string {
  const { dataSites, replicasPerSite } = topology;
  const votes = layout.sites.some(({ votes: count }) => count > 0);
  const spread =
    dataSites.length > 1 || dataSites.some(({ name }) => (replicasPerSite[name] ?? 0) === 0);
  return (
    `Filled nodes hold the copies of one example volume${votes ? ", the broken outline only votes" : ""}. ` +
    `Other volumes lie on other nodes ${spread ? "by the same rule" : "of the same site"}.`
  );
}

/** The drawing told without seeing it. */
function inWords(plan: SitePlan, layout: Layout): string {
  const sites = layout.sites.map((box) => {
    const nodes = `${box.site.storageNodes.length} storage and ${box.site.controlPlaneNodes} control-plane nodes`;
    const held = box.nodes.flatMap(({ name, holds }) =>
      holds === undefined
        ? []
        : [`${name} ${holds.kind === "copy" ? "holds " : ""}${holdingWords(holds)}`],
    );
    const holding = held.length === 0 ? "holds nothing of the volume" : held.join(", ");
    return `Site ${box.site.name} (${box.role}): ${nodes}; ${holding}.`;
  });
  return sites.join(" ");
}

function rectangle({ x, y, width, height }: Box, radius: number): Markup {
  return markup`<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

function text(x: number, y: number, kind: string, words: string): Markup {
  return markup`<text class="${kind}" x="${x}" y="${y}">${words}</text>`;
}

function shorten(words: string, most: number): string {
  const letters = [...words];
  return letters.length <= most ? words : `${letters.slice(0, most - 1).join("")}…`;
}
