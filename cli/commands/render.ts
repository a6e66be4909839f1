import { resolve } from "node:path";
import type { Manifests } from "../../site/render/manifests";
import { renderManifests } from "../../site/render/manifests";
import { renderSnapshotList, snapshotListFile } from "../../site/render/snapshotList";
import { unattendedFiles } from "../../site/render/unattended";
import { writeFolder } from "../../site/render/writeFolder";
import { planSite } from "../../planning/index";
import { collectDesired } from "../../site/up/reading";
import { exitCode, type ExitCode } from "../../site/exit";
import type { GlobalOptions } from "../options";
import { writeDocument } from "../print/documents";
import { createReporter } from "../reporter";
import { openStack } from "../../site/stack";
import { printNotes } from "./preview";

interface RenderOptions extends GlobalOptions {
  readonly out: string;
  /** Whether what runs by itself is wanted as well; an image where it runs in the cluster, too. */
  readonly unattended?: string | true;
}

/** Writes what the program declares as manifests, without any live system. */
export async function render(options: RenderOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, options.config);
  printNotes(stack, reporter);
  const plan = planSite(stack.site);
  const desired = await collectDesired(stack.root, stack.raw);
  const rendered = renderManifests(desired);
  const list = { file: snapshotListFile, text: renderSnapshotList(plan) };
  const { unattended: asked } = options;
  const image = asked === true ? undefined : asked;
  const unattended =
    asked === undefined ? [] : unattendedFiles({ root: stack.root, plan, desired, image });
  const out = resolve(options.out);
  writeFolder(out, stack.name, [...rendered.manifests, list, ...unattended]);
  const unattendedNames = unattended.map(({ file }) => file);
  if (options.json === true) {
    await writeDocument("render", stack, {
      out,
      manifests: rendered.manifests.map(({ text: _text, ...manifest }) => manifest),
      snapshotList: list.file,
      unattended: unattendedNames,
      leftOut: rendered.leftOut,
    });
    return exitCode.done;
  }
  reporter.info(renderLines(rendered, unattendedNames, options.out).join("\n"));
  return exitCode.done;
}

function renderLines(
  { manifests, leftOut }: Manifests,
  unattended: readonly string[],
  out: string,
): string[] {
  const patches = manifests.filter(({ hold }) => hold === "patch");
  return [
    `Rendered into ${out} (nothing was read from a live system):`,
    ...manifests.map(({ file, kind, name }) => `  ${file}   ${kind} ${name}`),
    `  ${snapshotListFile}   the VM snapshots, for reading`,
    ...unattended.map((file) => `  ${file}`),
    ...leftOut.map(({ object, why }) => `  left out: ${object}: ${why}`),
    "Next:",
    `  kubectl apply --dry-run=server -f ${out}   whether a cluster accepts them`,
    ...(patches.length === 0
      ? []
      : [
          `  kubectl apply --server-side --force-conflicts -f ${out}/patches   fields of others' objects`,
        ]),
  ];
}
