import { gzipSync } from "node:zlib";
import type { Applied } from "../clusterObjects";
import { HELM_RELEASE, PRODUCT_NAMESPACE } from "./parts";

/** A fixed time, so that the same release is the same bytes. */
const DEPLOYED = "2026-01-01T00:00:00Z";

/** What Helm keeps of one revision of a release. */
export interface HelmRevision {
  readonly revision: number;
  readonly release: string;
  readonly status: "deployed" | "superseded";
  readonly objects: readonly Applied[];
}

/**
 * The Secret in which Helm keeps a revision: JSON, compressed, and encoded once by Helm and once more by Kubernetes.
 */
export function helmSecret(of: HelmRevision): Applied {
  const name = `sh.helm.release.v1.${HELM_RELEASE}.v${of.revision}`;
  const packed = gzipSync(JSON.stringify(content(of))).toString("base64");
  return {
    path: `/api/v1/namespaces/${PRODUCT_NAMESPACE}/secrets/${name}`,
    object: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name,
        namespace: PRODUCT_NAMESPACE,
        labels: {
          owner: "helm",
          name: HELM_RELEASE,
          status: of.status,
          version: String(of.revision),
          modifiedAt: String(Date.parse(DEPLOYED) / 1000),
        },
      },
      type: "helm.sh/release.v1",
      data: { release: Buffer.from(packed).toString("base64") },
    },
  };
}

function content({ revision, release, status, objects }: HelmRevision): object {
  const manifest = objects.map(({ object }) => `---\n${JSON.stringify(object)}\n`).join("");
  return {
    name: HELM_RELEASE,
    namespace: PRODUCT_NAMESPACE,
    version: revision,
    info: {
      first_deployed: DEPLOYED,
      last_deployed: DEPLOYED,
      deleted: "",
      description: revision === 1 ? "Install complete" : "Upgrade complete",
      status,
    },
    chart: {
      metadata: {
        apiVersion: "v2",
        name: HELM_RELEASE,
        version: release,
        appVersion: release,
        description: "Sample product of the lab",
      },
      templates: [],
      values: {},
      schema: null,
      files: [],
    },
    config: {},
    manifest,
    hooks: [],
  };
}
