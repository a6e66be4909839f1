const POWERS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A Kubernetes quantity of storage in bytes, rounded up, e.g. `1536Mi`, `2G`, `1e9`.
 *
 * @throws Error for a text that is no quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): number {
  const match =
    /^([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+)([kMGTPE]i?|m|Ki)?$/.exec(text);
  const [, number = "", suffix = ""] = match ?? [];
  const power = suffix === "m" ? 1e-3 : POWERS[suffix];
  if (match === null || power === undefined) {
    throw new Error(`"${text}" is no quantity of storage`);
  }
  return Math.ceil(Number(number) * power);
}
