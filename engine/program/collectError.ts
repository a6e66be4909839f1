/**
 * Why a program could not be collected. Only the message is for people.
 */
export class CollectError extends Error {
  public override readonly name = "CollectError";

  /**
   * @param kind `program`: the program refused its configuration; `internal`: it is not compiled, or it is wrong.
   */
  public constructor(
    public readonly kind: "program" | "internal",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
