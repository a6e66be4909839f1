import type { SiteNodes, SitePlan } from "../../planning/plan";
import { type ExampleVolume, exampleVolume, type Holding } from "./exampleVolume";

/** Lengths are in the drawing's own units, one to a CSS pixel at full size. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface NodeBox extends Box {
  readonly name: string;
  readonly holds: Holding | undefined;
}

export interface SiteBox extends Box {
  readonly site: SiteNodes;
  readonly role: "data" | "witness";
  readonly nodes: readonly NodeBox[];
  /** Storage nodes that did not find room in the drawing. */
  readonly left: number;
  /** Left upper corner of the control-plane row. */
  readonly controlPlane: { readonly x: number; readonly y: number };
  /** Where the line from the volume arrives. */
  readonly port: { readonly x: number; readonly y: number };
  readonly replicas: number;
  readonly votes: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly volume: Box;
  readonly example: ExampleVolume;
  readonly sites: readonly SiteBox[];
  /** Side at which lines arrive: sites stand beside one another or below one another. */
  readonly flow: "columns" | "rows";
}

export const measures = {
  node: { width: 200, height: 52 },
  /** Narrowest node where sites stand below one another and share out the width. */
  leastNode: 136,
  gap: 12,
  padding: 16,
  /** Title and role of a site. */
  head: 56,
  /** Control-plane row and the verdict on the site's loss. */
  foot: 74,
  siteGap: 24,
  volume: { width: 288, height: 48 },
  /** Room for the lines between the volume and the sites. */
  wires: 44,
  /** Most nodes drawn in one site; the table below the drawing names all of them. */
  mostNodes: 12,
} as const;

/** Lays the sites out in at most `width` units: beside one another if they fit, else below one another. */
export function layOut(plan: SitePlan, width: number): Layout {
  const example = exampleVolume(plan);
  const sites = [
    ...plan.topology.dataSites.map((site) => ({ site, role: "data" as const })),
    ...plan.topology.witnessSites.map((site) => ({ site, role: "witness" as const })),
  ];
  const columns = sites.map(({ site }) => (Math.min(site.storageNodes.length, 12) > 4 ? 2 : 1));
  const widths = columns.map(siteWidth);
  const total = widths.reduce((sum, next) => sum + next + measures.siteGap, -measures.siteGap);
  if (total <= width) {
    return beside(sites, columns, Math.max(total, measures.volume.width), total, example);
  }
  return below(sites, width, example);
}

type Placed = { readonly site: SiteNodes; readonly role: "data" | "witness" };

function beside(
  sites: readonly Placed[],
  columns: readonly number[],
  width: number,
  total: number,
  example: ExampleVolume,
): Layout {
  const top = measures.volume.height + measures.wires;
  const tallest = Math.max(
    0,
    ...sites.map(({ site }, index) => siteHeight(drawn(site), columns[index] ?? 1)),
  );
  let x = (width - total) / 2;
  const boxes = sites.map((placed, index) => {
    const count = columns[index] ?? 1;
    const frame = { x, y: top, width: siteWidth(count), height: tallest };
    x += frame.width + measures.siteGap;
    const port = { x: frame.x + frame.width / 2, y: frame.y };
    return siteBox(
      placed,
      frame,
      { columns: count, nodeWidth: measures.node.width },
      port,
      example,
    );
  });
  const volume = { ...measures.volume, x: (width - measures.volume.width) / 2, y: 0 };
  return { width, height: top + tallest, volume, example, sites: boxes, flow: "columns" };
}

function below(sites: readonly Placed[], width: number, example: ExampleVolume): Layout {
  const left = 28;
  const inner = width - left - 2 * measures.padding;
  const columns = Math.max(
    1,
    Math.floor((inner + measures.gap) / (measures.leastNode + measures.gap)),
  );
  const nodeWidth = (inner + measures.gap) / columns - measures.gap;
  let y = measures.volume.height + measures.siteGap;
  const boxes = sites.map((placed) => {
    const height = siteHeight(drawn(placed.site), columns);
    const frame = { x: left, y, width: width - left, height };
    y += height + measures.siteGap;
    const port = { x: left, y: frame.y + measures.head / 2 };
    return siteBox(placed, frame, { columns, nodeWidth }, port, example);
  });
  const volume = { ...measures.volume, width: Math.min(measures.volume.width, width), x: 0, y: 0 };
  return { width, height: y - measures.siteGap, volume, example, sites: boxes, flow: "rows" };
}

function siteBox(
  { site, role }: Placed,
  frame: Box,
  { columns, nodeWidth }: { readonly columns: number; readonly nodeWidth: number },
  port: { x: number; y: number },
  example: ExampleVolume,
): SiteBox {
  const step = {
    x: nodeWidth + measures.gap,
    y: measures.node.height + measures.gap,
  };
  const nodes = site.storageNodes.slice(0, measures.mostNodes).map((name, index) => ({
    width: nodeWidth,
    height: measures.node.height,
    x: frame.x + measures.padding + (index % columns) * step.x,
    y: frame.y + measures.head + Math.floor(index / columns) * step.y,
    name,
    holds: example.holds.get(name),
  }));
  const held = site.storageNodes.map((name) => example.holds.get(name)?.kind);
  return {
    ...frame,
    site,
    role,
    nodes,
    left: site.storageNodes.length - nodes.length,
    controlPlane: {
      x: frame.x + measures.padding,
      y: frame.y + frame.height - measures.foot + 12,
    },
    port,
    replicas: held.filter((kind) => kind === "copy").length,
    votes: held.filter((kind) => kind === "vote").length,
  };
}

function drawn(site: SiteNodes): number {
  // A line that says how many more there are takes the room of a row of nodes.
  const extra = site.storageNodes.length > measures.mostNodes ? 1 : 0;
  return Math.min(site.storageNodes.length, measures.mostNodes) + extra;
}

function siteWidth(columns: number): number {
  return columns * measures.node.width + (columns - 1) * measures.gap + 2 * measures.padding;
}

function siteHeight(nodes: number, columns: number): number {
  const rows = Math.max(1, Math.ceil(nodes / columns));
  return measures.head + rows * (measures.node.height + measures.gap) + measures.foot;
}
