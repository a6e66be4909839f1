/** Options as the command line gives them; a command reads those it declares. */
export interface GlobalOptions {
  readonly stack: string;
  /** `key=value` texts of `-c`, in order. */
  readonly config: readonly string[];
  readonly yes?: boolean;
  readonly offline?: boolean;
  readonly expectNoChanges?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}
