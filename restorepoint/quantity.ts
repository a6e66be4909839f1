/**
 * A Kubernetes quantity of storage in bytes, rounded up, e.g. `1536Mi`, `2G`, `1e9`.
 *
 * @throws Error for a text that is no quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): number {
  const match =
    /^([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+)(m|k|Ki|[MGTPE]i?)?$/.exec(text);
  const [, number = "", suffix = ""] = match ?? [];
  if (match === null) {
    throw new Error(`"${text}" is no quantity of storage`);
  }
  const thousands = suffix === "m" ? -1 : ["", "k", "M", "G", "T", "P", "E"].indexOf(suffix);
  const power = suffix.endsWith("i")
    ? 1024 ** ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].indexOf(suffix)
    : 1000 ** thousands;
  return Math.ceil(Number(number) * power);
}
