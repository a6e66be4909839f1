const SDK_MESSAGE = /^(?:info|warning|error): \[runtime\] /;

/**
 * Without an engine the SDK prints the program's messages to the console, on standard output, too, where a command's own
 * document stands: they are left out for the time of a run, and everything else that is printed passes.
 *
 * @returns ends it
 */
export function hushProgram(): () => void {
  const original = { log: console.log, warn: console.warn, error: console.error };
  const others =
    (print: (...data: unknown[]) => void) =>
    (...data: unknown[]): void => {
      const [first] = data;
      if (typeof first !== "string" || !SDK_MESSAGE.test(first)) {
        print(...data);
      }
    };
  console.log = others(original.log);
  console.warn = others(original.warn);
  console.error = others(original.error);
  return () => void Object.assign(console, original);
}
