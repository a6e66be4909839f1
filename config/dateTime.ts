// How the engine prints a time that stands unquoted in a stack file: its YAML reader takes it for a timestamp.
const engineForm =
  /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{2})(\d{2}) (?:UTC|[+-]\d{2}(?:\d{2})?|[A-Z]{3,4})$/;

/**
 * The RFC 3339 form of a time that the engine has rewritten, so that quotes around a time make no difference;
 * any other text as it is.
 */
export function restoreDateTime(text: string): string {
  const [, day, time, hours, minutes] = engineForm.exec(text) ?? [];
  if (day === undefined || time === undefined || hours === undefined || minutes === undefined) {
    return text;
  }
  return hours === "+00" && minutes === "00"
    ? `${day}T${time}Z`
    : `${day}T${time}${hours}:${minutes}`;
}
