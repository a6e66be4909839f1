const SDK_MESSAGE = /^(?:info|warning|error): \[runtime\] /;

/**
 * Without an engine the SDK prints the program's messages to the console, on standard output, too. A command's own
 * document stands there, so that they are kept aside for the time of a run; everything else that is printed passes.
 *
 * @returns The messages as they arrive, and the end of it.
 */
export function keepProgramMessages(): { readonly messages: string[]; release(): void } {
  const messages: string[] = [];
  const original = { log: console.log, warn: console.warn, error: console.error };
  const keeping =
    (print: (...data: unknown[]) => void) =>
    (...data: unknown[]): void => {
      const [first] = data;
      if (typeof first === "string" && SDK_MESSAGE.test(first)) {
        messages.push(first.replace(SDK_MESSAGE, ""));
      } else {
        print(...data);
      }
    };
  console.log = keeping(original.log);
  console.warn = keeping(original.warn);
  console.error = keeping(original.error);
  return { messages, release: () => void Object.assign(console, original) };
}
