import { LabApi } from "../../../lab/api";
import { labPaths } from "../../../lab/paths";
import type { LabRecord } from "../../../lab/record";
import { adminToken, clusterCa } from "../../../lab/serviceFiles";

/** Lets `work` talk to a lab's API server as its administrator. */
export async function apiOf<T>(
  root: string,
  record: LabRecord,
  work: (api: LabApi) => Promise<T>,
): Promise<T> {
  const paths = labPaths(root);
  const api = new LabApi(record.ports.apiserver, clusterCa(paths), adminToken(paths));
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
