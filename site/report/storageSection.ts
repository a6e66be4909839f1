import type { ObservedReplicas, VolumeReplicas } from "../../drift/replicas/observeReplicas";
import { backendOf } from "../../planning";
import type { ClassPlan, SitePlan, SnapshotClassPlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import { badge, type Markup, markup, section, sentence, table, type TableRow } from "./markup";
import type { ReportInput } from "./input";
import { parameterReason } from "./parameterReasons";

/** Classes with every parameter and its reason, what stands beside them, and how volumes follow a raised factor. */
export function storageSection({ plan, replicas }: ReportInput): Markup {
  const { companions, raise, site } = plan;
  const followed =
    raise.existingVolumes === "backfilled"
      ? "Existing volumes get further copies by themselves."
      : "Existing volumes keep the copies they were made with; only new ones get more.";
  return section(
    "storage",
    "Storage classes",
    ...plan.classes.flatMap((one) => storageClass(plan, one)),
    ...(companions.length === 0 ? [] : companionTable(companions)),
    markup`<h3>Raising the factor</h3>`,
    markup`<p>The factor is ${site.replicationFactor}. ${followed}${raise.command === undefined ? undefined : markup` They follow with <code>${raise.command}</code>`}</p>`,
    markup`<h3 id="copies">Copies of the volumes</h3>`,
    replicasTable(replicas),
    ...unverified(site),
  );
}

function companionTable(companions: SitePlan["companions"]): readonly Markup[] {
  return [
    markup`<h3>Beside the classes</h3>`,
    table(
      "Objects beside the classes",
      ["Object", "Held how", "Why"],
      companions.map(({ object, hold, why }) => ({
        mark: "companion",
        cells: [
          `${object.kind} ${object.metadata.name}`,
          hold === "own" ? "created and held" : "only the declared fields are set",
          sentence(why),
        ],
      })),
    ),
  ];
}

/** What rests on the word of a source alone, so that nobody takes it for observed. */
function unverified(site: Site): readonly Markup[] {
  const texts = backendOf(site.backend)?.unverified ?? [];
  return texts.length === 0
    ? []
    : [
        markup`<h3>Not verified</h3>`,
        markup`<p>Taken from the backend's documentation or code; neither fed to its own parser nor seen on an installation:</p>`,
        markup`<ul>${texts.map((text) => markup`<li class="unverified">${text}</li>`)}</ul>`,
      ];
}

function storageClass({ site }: SitePlan, one: ClassPlan): readonly Markup[] {
  const { spec } = one;
  const title = `${spec.name}${spec.default ? " (the cluster's default)" : ""}`;
  const settings: readonly Setting[] = [
    ["provisioner", one.provisioner, `The CSI driver of backend ${site.backend}.`],
    [
      "reclaimPolicy",
      spec.reclaimPolicy,
      spec.reclaimPolicy === "Retain"
        ? "A deleted claim leaves its volume and its data."
        : "A deleted claim takes its volume and every copy of its data with it.",
    ],
    [
      "volumeBindingMode",
      one.volumeBindingMode,
      one.volumeBindingMode === "WaitForFirstConsumer"
        ? "The volume is placed when its pod is, so that the two do not end up apart."
        : "The volume is placed at once, before any pod asks for it.",
    ],
    [
      "allowVolumeExpansion",
      String(spec.expansion),
      spec.expansion ? "Volumes can grow in place." : "Volumes cannot grow.",
    ],
    ...parametersOf(site, one.parameters),
    ...(one.allowedTopologies ?? []).map((terms): Setting => {
      const values = terms.map((term) => `${term.key} in ${term.values.join(", ")}`).join("; ");
      return ["allowedTopologies", values, "Keeps volumes on the sites that the stack file names."];
    }),
    ...(one.mountOptions.length === 0
      ? []
      : [["mountOptions", one.mountOptions.join(", "), "Set in the stack file."] as const]),
  ];
  return [
    markup`<h3>${title}</h3>`,
    table(
      `Settings of class ${spec.name}`,
      ["Setting", "Value", "Reason"],
      settings.map(([name, value, reason]) => ({
        mark: "setting",
        cells: [...code(name, value), reason],
      })),
    ),
  ];
}

function code(...texts: readonly string[]): readonly Markup[] {
  return texts.map((text) => markup`<code>${text}</code>`);
}

type Setting = readonly [name: string, value: string, reason: string];

function parametersOf(site: Site, parameters: ClassPlan["parameters"]): readonly Setting[] {
  return Object.entries(parameters).map(
    ([key, value]) => [key, value, parameterReason(site, key)] as const,
  );
}

/** The snapshot class and, where the driver has group snapshots, the group's. */
export function snapshotSection({ snapshotClass, groupSnapshotClass, site }: SitePlan): Markup {
  const rows = [
    ...snapshotRows(site, "VolumeSnapshotClass", snapshotClass),
    ...snapshotRows(site, "VolumeGroupSnapshotClass", groupSnapshotClass),
  ];
  return section(
    "snapshots",
    "Snapshot classes",
    snapshotClass
      ? undefined
      : markup`<p><strong>None: the driver has no snapshots.</strong> No restore point holds volumes, and there is no way back to the state before an upgrade.</p>`,
    table("Snapshot classes", ["Class", "Setting", "Value", "Reason"], rows),
    groupSnapshotClass === undefined
      ? markup`<p>No group snapshots: ${site.snapshots.group === "never" ? "switched off in the stack file" : `backend ${site.backend} has none in this version`}. The snapshots of a point's volumes are taken one by one.</p>`
      : undefined,
    markup`<p class="note">A snapshot in the cluster shares the disks of its volume. It is a way back, not a backup.</p>`,
  );
}

function snapshotRows(
  site: Site,
  kind: string,
  plan: SnapshotClassPlan | undefined,
): readonly TableRow[] {
  if (plan === undefined) {
    return [];
  }
  const { name, driver, deletionPolicy, parameters } = plan;
  const policy =
    deletionPolicy === "Retain"
      ? "A deleted VolumeSnapshot or namespace leaves the snapshot itself."
      : "A deleted VolumeSnapshot or namespace takes the snapshot with it.";
  const settings: readonly Setting[] = [
    [
      "driver",
      driver,
      "The same driver as the storage class's; another could not read the volumes.",
    ],
    ["deletionPolicy", deletionPolicy, policy],
    ...parametersOf(site, parameters),
  ];
  return settings.map(([setting, value, reason]) => ({
    mark: "snapshot-setting",
    cells: [`${kind} ${name}`, ...code(setting, value), reason],
  }));
}

/** The copies that volumes really have. */
function replicasTable(replicas: ObservedReplicas | undefined): Markup {
  switch (replicas?.state) {
    case undefined:
      return said("Nothing was read live: what follows from the classes is a plan.");
    case "notObserved":
      return said(
        `Not observed: ${replicas.why}.${replicas.remedy === undefined ? "" : ` To see them, ${replicas.remedy}.`}`,
      );
    case "unknown":
      return said(`Unknown: ${replicas.why}`);
    case "observed":
      return replicas.volumes.length === 0
        ? said("There is no volume of these classes.")
        : table(
            "Copies of the volumes",
            ["Volume", "Claim", "State", "Copies", "Sites", "What is not as planned"],
            replicas.volumes.map((volume) => ({
              mark: "copies",
              kind: volume.problems.length === 0 ? "" : "bad",
              cells: [
                volume.volume,
                volume.claim ?? "none",
                state(volume),
                placesOf(volume),
                volume.sites === undefined ? "unknown" : volume.sites.join(", "),
                volume.problems.map(({ message }) => message).join(" "),
              ],
            })),
          );
  }
}

function said(text: string): Markup {
  return markup`<p data-copies="">${text}</p>`;
}

function state({ problems }: VolumeReplicas): Markup {
  if (problems.length === 0) {
    return badge("good", "as planned");
  }
  return problems.every(({ kind }) => kind === "unknown")
    ? badge("warn", "unknown")
    : badge("bad", "not as planned");
}

function placesOf({ replicas, tieBreakers }: VolumeReplicas): string {
  const places = replicas.map(
    ({ node = "somewhere", state: copy, detail }) =>
      `${node} (${copy === "upToDate" ? "up to date" : detail})`,
  );
  const all = [...places, ...tieBreakers.map((node) => `${node} (tie-breaker)`)];
  return all.length === 0 ? "unknown" : all.join(", ");
}
