import { UsageError } from "../../planning/errors";

/** Something that cannot be decided from what was found; told with what there is to choose from. */
export interface Refusal {
  /** The key of the stack file that it is about. */
  readonly key: string;
  /** What was found, with the candidates by name. */
  readonly found: string;
  /** What to do. */
  readonly remedy: string;
}

/** No stack file can be written without a person's decision; all that is open is told at once. */
export class InitRefusedError extends UsageError {
  override readonly name = "InitRefusedError";

  constructor(readonly refusals: readonly Refusal[]) {
    const lines = refusals.map(({ key, found, remedy }) => `  ${key}: ${found} ${remedy}`);
    super(["No stack file was written, because this cannot be told:", ...lines].join("\n"));
  }
}
