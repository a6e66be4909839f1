import type { Registration } from "../engine/program/desiredState";
import type { DeployedResource } from "./types";

/** What is recorded of a declared resource. @param id in the provider's terms */
export function entryOf(
  { urn, type, inputs, protect, retainOnDelete }: Registration,
  id: string,
): DeployedResource {
  return { urn, type, id, inputs, protect, ...(retainOnDelete ? { retainOnDelete } : {}) };
}
