/**
 * Defaults from the environment, read when a provider is constructed, in the way of the published SDK: an empty
 * variable counts as absent, and a value that is no boolean or number is ignored.
 */
const truths = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const untruths = new Set(["0", "f", "F", "false", "FALSE", "False"]);

export function environmentText(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

export function environmentBoolean(name: string): boolean | undefined {
  const value = environmentText(name);
  if (value === undefined) {
    return undefined;
  }
  if (truths.has(value)) {
    return true;
  }
  return untruths.has(value) ? false : undefined;
}

export function environmentNumber(name: string): number | undefined {
  const value = Number.parseFloat(environmentText(name) ?? "");
  return Number.isNaN(value) ? undefined : value;
}
