import type { StorageApi } from "../../planning/backends/observation";
import { RestReader } from "./rest";

const RESOURCES = "/v1/view/resources";

/**
 * Every resource of LINSTOR on every node, with its volumes, by one call (LINBIT/linstor-server, REST API v1,
 * `viewResources`).
 *
 * @throws StorageError
 */
export async function linstorResources(
  api: StorageApi,
  timeoutMs?: number,
): Promise<readonly unknown[]> {
  const reader = new RestReader("LINSTOR", api, timeoutMs);
  const answer = await reader.get(RESOURCES);
  if (!Array.isArray(answer)) {
    throw reader.undocumented(RESOURCES, "a list of resources");
  }
  return answer as readonly unknown[];
}
