import type { Command } from "commander";

import { markdownTable } from "./markdownTable";

/** The commands and their options in Markdown, as the command line itself declares them. */
export function commandTables(program: Command): string {
  return leaves(program)
    .flatMap((command) => [
      `### ${titleOf(command)}`,
      "",
      `${sentence(command.description())}`,
      "",
      ...optionTable(command),
    ])
    .join("\n");
}

/** Commands that do something, in the order of the help. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function titleOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one.parent !== null; one = one.parent) {
    names.unshift(one.name());
  }
  return names.join(" ");
}

function optionTable({ registeredArguments, options }: Command): readonly string[] {
  const rows = [
    ...registeredArguments.map((one) => ({
      ...one,
      flags: one.required ? one.name() : `[${one.name()}]`,
    })),
    ...options,
  ].map(({ flags, description, argChoices, defaultValue }) => [
    `\`${flags}\``,
    description,
    argChoices?.join(", ") ?? "",
    valueText(defaultValue),
  ]);
  return rows.length === 0
    ? []
    : [...markdownTable(["option", "meaning", "allowed", "default"], rows), ""];
}

function valueText(value: unknown): string {
  const none = value === undefined || value === false || String(value) === "";
  return none ? "" : String(value);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
