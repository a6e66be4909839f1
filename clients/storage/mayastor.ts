import type { StorageApi } from "../../planning/backends/observation";
import { RestReader } from "./rest";

/** Volumes of one page; the control plane asks for a limit (`max_entries` is required). */
const PAGE = 500;

/** A server that hands out pages without an end is not followed for ever. */
const MOST_PAGES = 200;

interface Volumes {
  readonly entries?: unknown;
  readonly next_token?: unknown;
}

/**
 * Every volume of Mayastor with its replicas, by as few calls as there are pages (openebs/mayastor-control-plane,
 * v0_api_spec.yaml, `get_volumes`).
 *
 * @throws StorageError
 */
export async function mayastorVolumes(
  api: StorageApi,
  timeoutMs?: number,
): Promise<readonly unknown[]> {
  const reader = new RestReader("Mayastor", api, timeoutMs);
  const found: unknown[] = [];
  let token: number | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const start = token === undefined ? "" : `&starting_token=${token}`;
    const path = `/v0/volumes?max_entries=${PAGE}${start}`;
    const answer = (await reader.get(path)) as Volumes | null;
    const entries = answer?.entries;
    if (!Array.isArray(entries)) {
      throw reader.undocumented(path, "a page of volumes");
    }
    found.push(...(entries as readonly unknown[]));
    const next = answer?.next_token;
    if (typeof next !== "number") {
      return found;
    }
    if (token !== undefined && next <= token) {
      throw reader.undocumented(path, "a page that leads on");
    }
    token = next;
  }
  throw reader.undocumented("/v0/volumes", `at most ${MOST_PAGES} pages`);
}
