/** The first interrupt lets the command clean up after itself; a second one ends it at once. */
export function interruption(): { readonly asked: () => boolean; readonly end: () => void } {
  let asked = false;
  const note = (): void => {
    asked = true;
    end();
  };
  const end = (): void => {
    process.off("SIGINT", note);
    process.off("SIGTERM", note);
  };
  process.on("SIGINT", note);
  process.on("SIGTERM", note);
  return { asked: () => asked, end };
}
