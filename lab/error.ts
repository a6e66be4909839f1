/** Something about the lab that the person at the keyboard can mend; the message says how. */
export class LabError extends Error {
  override readonly name = "LabError";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk: free some and run the command again",
  EDQUOT: "the disk quota is used up: free some space and run the command again",
  EACCES: "no permission: make it writable for this user",
  EPERM: "no permission: make it writable for this user",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file where a folder is needed",
};

/** Turns a failed file operation into a `LabError`; any other error comes back as it is. */
export function explainFileError(error: unknown, doing: string): unknown {
  const reason = REASONS[codeOf(error) ?? ""];
  return reason === undefined ? error : new LabError(`${doing}: ${reason}.`, { cause: error });
}

/** Whether a file operation failed because the file is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}
