import { createHash } from "node:crypto";

/** Namespace of the sample product, as the lab stack's `product.namespaces` names it. */
export const PRODUCT_NAMESPACE = "atom";

/** Release that is installed first, and the one that an upgrade brings. */
export const FIRST_RELEASE = "24.1.0";
export const NEXT_RELEASE = "24.2.0";

/** Name of the Helm release. */
export const HELM_RELEASE = "atom";

/** Class of its claims, which the stack declares. */
export const PRODUCT_CLASS = "atom-replicated";

/** Group of its custom resources. */
export const PRODUCT_GROUP = "network.atom.example";

/** A part of the product that keeps data: a StatefulSet with one claim per replica. */
export interface ProductPart {
  readonly name: string;
  readonly replicas: number;
  readonly size: string;
  /** What its configuration says. */
  readonly settings: Readonly<Record<string, string>>;
}

export const PRODUCT_PARTS: readonly ProductPart[] = [
  {
    name: "inventory",
    replicas: 2,
    size: "1Gi",
    settings: { "discovery.interval": "300s", "discovery.protocols": "netconf,snmp" },
  },
  {
    name: "orchestrator",
    replicas: 2,
    size: "1Gi",
    settings: { "workflow.parallel": "64", "workflow.retries": "3" },
  },
  {
    name: "telemetry",
    replicas: 2,
    size: "2Gi",
    settings: { "retention.raw": "14d", "retention.rollup": "400d" },
  },
  {
    name: "config-store",
    replicas: 2,
    size: "1Gi",
    settings: { "revision.keep": "500", "commit.sign": "true" },
  },
];

/** Name of the claim template of each part. */
const TEMPLATE = "data";

/** Where a container of the product finds its volume. */
export const DATA_FOLDER = "/var/lib/atom";

/** A claim of the product and the pod that uses it. */
export interface ProductClaim {
  readonly namespace: string;
  readonly claim: string;
  readonly pod: string;
}

/** The eight claims, by name. */
export const PRODUCT_CLAIMS: readonly ProductClaim[] = PRODUCT_PARTS.flatMap(({ name, replicas }) =>
  Array.from({ length: replicas }, (_, index) => ({
    namespace: PRODUCT_NAMESPACE,
    claim: `${TEMPLATE}-${name}-${index}`,
    pod: `${name}-${index}`,
  })),
).sort((a, b) => (a.claim < b.claim ? -1 : 1));

/** Labels of every object of the product. */
export function productLabels(name: string, release: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": HELM_RELEASE,
    "app.kubernetes.io/part-of": "atom-product",
    "app.kubernetes.io/version": release,
    "app.kubernetes.io/managed-by": "Helm",
  };
}

/** Labels that say to which StatefulSet or Deployment a pod belongs; they never change. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": HELM_RELEASE };
}

/** Reference of an image that no registry has, with a digest that differs from release to release. */
export function productImage(name: string, release: string): string {
  const digest = createHash("sha256").update(`${name} ${release}`).digest("hex");
  return `registry.atom.example/atom/${name}:${release}@sha256:${digest}`;
}

/** Volume of a pod template's claim. */
export function claimTemplate({ size }: ProductPart, labels: Record<string, string>): object {
  return {
    metadata: { name: TEMPLATE, labels },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: PRODUCT_CLASS,
      resources: { requests: { storage: size } },
    },
  };
}

/** How a container mounts that volume. */
export const DATA_MOUNT = { name: TEMPLATE, mountPath: DATA_FOLDER };
