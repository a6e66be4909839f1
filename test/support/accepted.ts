import type { JsonValue } from "../../config/rawConfiguration";
import { jsonText } from "../../docs/jsonText";
import { writeFileSync } from "node:fs";

/** Stacks whose registrations and released names are kept: the lab, and one model each with companions and with VMs. */
export const KEPT_STACKS = ["lab", "model-ceph-stretch", "model-nine-vms-before-upgrade"] as const;

/**
 * Writes a kept file anew where the switch is set to 1, which is a decision of a person: the gate and every CI run
 * (`CI=true`) refuse it.
 *
 * @throws Error when the switch is set in the gate or in CI
 */
export function acceptInto(file: string, variable: string, value: () => JsonValue): void {
  if (process.env[variable] !== "1") {
    return;
  }
  if (process.env["CI"] === "true") {
    throw new Error(`${variable}=1 is refused in the gate and in CI. Run the one test by hand.`);
  }
  writeFileSync(file, jsonText(value()));
}
