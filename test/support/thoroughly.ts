import { THOROUGH_VARIABLE } from "../../cli/gate/parts";

/** A test of a lab spec that only `./atom test --faults` runs, because one much like it is in the gate. */
export function thoroughly(title: string, test: () => Promise<void>): void {
  if (process.env[THOROUGH_VARIABLE] === "true") {
    it(title, test);
  }
}
