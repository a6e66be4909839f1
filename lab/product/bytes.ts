import { randomBytes } from "node:crypto";
import type { LabApi } from "../api";
import { runJob } from "../job";
import { DATA_FOLDER, PRODUCT_CLAIMS, type ProductClaim } from "./parts";

/** File of a volume with the SHA-256 of each other one, as `sha256sum` writes and checks it. */
export const MANIFEST = "MANIFEST.sha256";

export interface ProductBytes {
  /** Default all claims of the product. */
  readonly claims?: readonly ProductClaim[];
  /** Size of each of the four files of a volume, in KiB; default 64. */
  readonly kibibytes?: number;
}

/**
 * Writes new random bytes and their manifest into volumes of the product, each by a Job on the node where the claim's
 * pod runs, as a volume can be on one node only. When it returns, every copy of each volume has them.
 * @throws LabError if a Job fails.
 */
export async function writeProductBytes(api: LabApi, options: ProductBytes = {}): Promise<void> {
  const { claims = PRODUCT_CLAIMS, kibibytes = 64 } = options;
  const mark = randomBytes(4).toString("hex");
  await Promise.all(
    claims.map(async ({ namespace, claim, pod }) => {
      const node = await nodeOf(api, namespace, pod);
      await runJob(api, {
        namespace,
        name: `write-${claim}-${mark}`,
        ...(node === undefined ? {} : { node }),
        claims: { [DATA_FOLDER]: claim },
        command: ["sh", "-c", script(kibibytes)],
      });
    }),
  );
}

/** The manifest is written last and moved into place: one that is there speaks of files that are whole. */
function script(kibibytes: number): string {
  return `set -eu
cd ${DATA_FOLDER}
rm -f ${MANIFEST}
mkdir -p tables log
for file in tables/one tables/two tables/three log/current; do
  head -c ${kibibytes * 1024} /dev/urandom > "$file"
done
find tables log -type f | sort | xargs sha256sum > ${MANIFEST}.new
sync
mv ${MANIFEST}.new ${MANIFEST}`;
}

/** Node of a pod, or undefined if it does not run: then the scheduler chooses one that the volume can go to. */
async function nodeOf(api: LabApi, namespace: string, pod: string): Promise<string | undefined> {
  const { status, text } = await api.get(`/api/v1/namespaces/${namespace}/pods/${pod}`);
  return status === 200
    ? (JSON.parse(text) as { spec: { nodeName?: string } }).spec.nodeName
    : undefined;
}
