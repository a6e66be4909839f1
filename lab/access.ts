import { LabApi } from "./api";
import { LabError } from "./error";
import { labPaths } from "./paths";
import { readLabRecord } from "./record";
import { adminToken, clusterCa } from "./serviceFiles";

/**
 * Lets `work` talk to the API server of the lab of a checkout as its administrator.
 * @throws LabError if there is no lab.
 */
export async function withLabApi<T>(root: string, work: (api: LabApi) => Promise<T>): Promise<T> {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new LabError(`There is no lab in ${root}. Run \`./atom lab up --data\` first.`);
  }
  const paths = labPaths(root);
  const api = new LabApi(record.ports.apiserver, clusterCa(paths), adminToken(paths));
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
