import { drawing } from "./drawing";
import { headline } from "./headline";
import type { ReportInput } from "./input";
import { Markup, markup, section, table } from "./markup";
import { pointSection } from "./pointSection";
import { requirementSection } from "./requirements";
import { resourceSection, waiverSection } from "./resourceSection";
import { snapshotSection, storageSection } from "./storageSection";
import { statusSection } from "./statusSection";
import { style } from "./style";
import { survivalSection } from "./survivalSection";

export type { ReportInput } from "./input";

/**
 * One self-contained HTML page about a site: what it survives, what is declared and why, what is live, the way back,
 * and what is not shown. It loads nothing, holds no secret, and is the same for the same input.
 */
export function renderReport(input: ReportInput): string {
  const { plan, target } = input;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${target.stack}: ATOM backup and recovery</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${headline(input)}${contents(input)}${statusSection(input)}${drawing(plan)}${siteSection(input)}${survivalSection(input)}${pointSection(input)}${resourceSection(input)}${waiverSection(input)}${storageSection(input)}${snapshotSection(plan)}${backupSection()}${requirementSection(input)}<footer><p>Made by the program atom-backup ${input.program.version} from the site's declaration. No secret stands on this page.</p></footer>
</main>
</body>
</html>
`;
  return page.text;
}

const sections: readonly (readonly [string, string])[] = [
  ["status", "If tonight goes wrong"],
  ["sites", "Sites and nodes"],
  ["survival", "What each loss does"],
  ["restore-points", "Restore points"],
  ["resources", "Resources"],
  ["waivers", "Waivers"],
  ["storage", "Storage classes"],
  ["snapshots", "Snapshot classes"],
  ["no-backup", "What is no backup"],
  ["requirements", "Requirements"],
];

function contents(input: ReportInput): Markup {
  const waived = input.plan.site.waivers.length;
  const links = sections.map(([id, title]) => {
    const text = id === "waivers" && waived > 0 ? `${title} (${waived})` : title;
    return markup`<li><a href="#${id}">${text}</a></li>`;
  });
  return markup`<nav aria-label="On this page"><ul>${links}</ul></nav>
`;
}

/** The drawing's facts as a table; it names all nodes, also those that the drawing has no room for. */
function siteSection({ plan }: ReportInput): Markup {
  const { dataSites, witnessSites, replicasPerSite } = plan.topology;
  const rows = [
    ...dataSites.map((site) => ({ site, role: "data" })),
    ...witnessSites.map((site) => ({ site, role: "witness" })),
  ];
  return section(
    "sites",
    "Sites and nodes",
    markup`<p>Sites are told apart by the node label <code>${plan.topology.siteLabel}</code>. ${plan.topology.independentSites} of them fall independently of one another.</p>`,
    table(
      "Sites and nodes",
      ["Site", "Role", "Copies of the example volume", "Storage nodes", "Control-plane nodes"],
      rows.map(({ site, role }) => ({
        mark: "site",
        cells: [
          site.name,
          site.locatedIn === undefined ? role : `${role}, falls with site ${site.locatedIn}`,
          replicasPerSite[site.name] ?? 0,
          site.storageNodes.length === 0 ? "none" : site.storageNodes.join(", "),
          site.controlPlaneNodes,
        ],
      })),
      "names",
    ),
  );
}

function backupSection(): Markup {
  return section(
    "no-backup",
    "What is no backup",
    markup`<p>Copies of a volume follow every write at once, a wrong one too. Snapshots in the cluster share the disks of their volume, and VM snapshots those of their VM: what takes the disks takes them along. Both are ways past a failed disk, node or upgrade; neither is counted as a backup here.</p>
<p>A backup lies off the cluster and off its datastores: snapshots of etcd kept elsewhere, copies of the volumes' data, images of the nodes. This version neither makes nor checks any; make them with your own tools until it does.</p>`,
  );
}
