/** What one line of `pulumi up` for people says about a resource. */
export interface UpLine {
  /** Name of the resource. */
  readonly name: string;
  /** e.g. `creating`, `created`, `deleting original`, `refresh`. */
  readonly status: string;
  /** Whether the operation on the resource has ended. */
  readonly ended: boolean;
}

// ` +  kubernetes:storage.k8s.io/v1:StorageClass atom-replicated created (0.05s) [diff: ~metadata]`
const resourceLine = /^ ?[-+~=<>@! ]{1,3}\s+\S+:\S+ (\S+) (\*{0,2}[a-z][a-z ]*?\*{0,2}) ?\(\d/;

/**
 * Reads a line of the text that `pulumi up` writes as it goes; undefined for other lines.
 *
 * The text and not `--json`: as an event stream the CLI also writes the SDK's debug messages, and they hold the inputs
 * of providers in clear, the vCenter password among them.
 */
export function parseUpLine(line: string): UpLine | undefined {
  const match = resourceLine.exec(line);
  const [, name, status] = match ?? [];
  if (name === undefined || status === undefined) {
    return undefined;
  }
  return { name, status, ended: !/ing( |$)/.test(status) };
}

// `  vsphere:index:VirtualMachineSnapshot (pre-24.1-vm-atom-a-1):`
const diagnosticHeader = /^ {2}(\S+) \((.+)\):$/;

/** Messages of severity error in the section "Diagnostics", with the resource's name and the lines that belong to it. */
export function errorsIn(stdout: string): string[] {
  const messages: string[][] = [];
  let inside = false;
  let subject = "";
  let current: string[] | undefined;
  for (const line of stdout.split("\n")) {
    const [, type, name] = diagnosticHeader.exec(line) ?? [];
    if (/^\S/.test(line)) {
      inside = line.startsWith("Diagnostics:");
      current = undefined;
    } else if (type !== undefined && name !== undefined) {
      subject = type === "pulumi:pulumi:Stack" ? "" : `${name}: `;
      current = undefined;
    } else if (inside && /^ {4}(error|warning|info): ?/.test(line)) {
      current = /^ {4}error:/.test(line) ? [`${subject}${line.trim()}`] : undefined;
      if (current !== undefined) {
        messages.push(current);
      }
    } else if (line.trim() !== "") {
      current?.push(line.trim());
    }
  }
  return [...new Set(messages.map((lines) => lines.join(" ")))];
}
