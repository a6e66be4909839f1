import { readFileSync } from "node:fs";
import { collect, type ProgramInput } from "../engine/program/collect";

// Measured as a process of its own: `node collectOnce.js FILE EXPECTED`, where FILE holds a ProgramInput and EXPECTED is
// the number of VM snapshots that have to come out, so that nothing is fast by doing nothing.
async function main([file, expected]: readonly string[]): Promise<void> {
  const input = JSON.parse(readFileSync(file ?? "", "utf8")) as ProgramInput;
  const { registrations } = await collect(input);
  const snapshots = registrations.filter((one) => one.type.startsWith("vsphere:index/"));
  if (snapshots.length !== Number(expected)) {
    throw new Error(`${snapshots.length} VM snapshots instead of ${expected}`);
  }
}

void main(process.argv.slice(2));
