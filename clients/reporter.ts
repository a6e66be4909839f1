/** Progress of one task, shown to people; never a secret in it. */
export interface Progress {
  /** `total` may grow; `text` says what is being done now. */
  update(state: { readonly done?: number; readonly total?: number; readonly text?: string }): void;
  done(text?: string): void;
  fail(text: string): void;
}

/** Where commands tell people what happens; injected, so that operations never print. */
export interface Reporter {
  info(text: string): void;
  warn(text: string): void;
  progress(title: string): Progress;
}

const warned = new Set<string>();

/** Warns on stderr, once in the life of the process: for what is noticed where no reporter is at hand. */
export function warnOnce(text: string): void {
  if (!warned.has(text)) {
    warned.add(text);
    process.stderr.write(`warning: ${text}\n`);
  }
}

/**
 * Does some work under a progress that ends with it.
 *
 * @param end what is said at its end; default nothing
 * @param failed what is said where it fails; default its message
 */
export async function withProgress<T>(
  reporter: Reporter,
  title: string,
  work: (progress: Progress) => Promise<T>,
  end?: (result: T) => string,
  failed?: string,
): Promise<T> {
  const progress = reporter.progress(title);
  try {
    const result = await work(progress);
    progress.done(end?.(result));
    return result;
  } catch (error) {
    progress.fail(failed ?? (error as Error).message);
    throw error;
  }
}
