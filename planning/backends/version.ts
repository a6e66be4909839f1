/** Whether a text is a version like `1.33.1`, `1.34.0-rc.1` or `v1.12`. */
export function isVersion(text: string): boolean {
  return /^v?\d+(\.\d+){1,3}([-+][0-9A-Za-z.-]+)?$/.test(text);
}

/**
 * Whether the installed version is the wanted one or newer. Undefined means the newest known, so it is. A release
 * candidate counts as its release: its interface is the same.
 */
export function isAtLeast(installed: string | undefined, wanted: string): boolean {
  if (installed === undefined) {
    return true;
  }
  const have = numbers(installed);
  const need = numbers(wanted);
  for (let part = 0; part < Math.max(have.length, need.length); part += 1) {
    const difference = (have[part] ?? 0) - (need[part] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.replace(/^v/, "").split(/[-+]/)[0] ?? "").split(".").map(Number);
}
