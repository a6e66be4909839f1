import type { Applied } from "../clusterObjects";
import { SITE_LABEL } from "../inventory";
import {
  DATA_MOUNT,
  HELM_RELEASE,
  PRODUCT_GROUP,
  PRODUCT_NAMESPACE,
  PRODUCT_PARTS,
  claimTemplate,
  productImage,
  productLabels,
  selectorLabels,
  type ProductPart,
} from "./parts";

/** The product's namespace; objects of it need it first. */
export function productNamespace(): Applied {
  return {
    path: `/api/v1/namespaces/${PRODUCT_NAMESPACE}`,
    object: { apiVersion: "v1", kind: "Namespace", metadata: { name: PRODUCT_NAMESPACE } },
  };
}

/** Name of the product's own kind of object. */
export const PRODUCT_CRD = `managedsites.${PRODUCT_GROUP}`;

export function productCrd(): Applied {
  return {
    path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${PRODUCT_CRD}`,
    object: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: PRODUCT_CRD },
      spec: {
        group: PRODUCT_GROUP,
        scope: "Namespaced",
        names: { kind: "ManagedSite", plural: "managedsites", singular: "managedsite" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: {
                    type: "object",
                    properties: {
                      region: { type: "string" },
                      devices: { type: "integer", minimum: 0 },
                    },
                  },
                },
              },
            },
          },
        ],
      },
    },
  };
}

/** What the release consists of, but for its namespace, its kind and Helm's own record. */
export function releaseObjects(release: string): readonly Applied[] {
  return [
    ...PRODUCT_PARTS.flatMap((part) => [
      configuration(part, release),
      credentials(part, release),
      service(part, release),
      statefulSet(part, release),
    ]),
    gateway(release),
    managedSite(release),
  ];
}

function metadata(name: string, release: string, object = name) {
  return {
    name: object,
    namespace: PRODUCT_NAMESPACE,
    labels: productLabels(name, release),
    annotations: {
      "meta.helm.sh/release-name": HELM_RELEASE,
      "meta.helm.sh/release-namespace": PRODUCT_NAMESPACE,
    },
  };
}

function configuration({ name, settings }: ProductPart, release: string): Applied {
  return {
    path: `/api/v1/namespaces/${PRODUCT_NAMESPACE}/configmaps/${name}`,
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata(name, release),
      data: { release, ...settings },
    },
  };
}

function credentials({ name }: ProductPart, release: string): Applied {
  return {
    path: `/api/v1/namespaces/${PRODUCT_NAMESPACE}/secrets/${name}-credentials`,
    object: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadata(name, release, `${name}-credentials`),
      type: "Opaque",
      // Of a product that does not exist; tests look whether such a value gets out.
      data: { password: Buffer.from(`lab-password-of-${name}`).toString("base64") },
    },
  };
}

function service({ name }: ProductPart, release: string): Applied {
  return {
    path: `/api/v1/namespaces/${PRODUCT_NAMESPACE}/services/${name}`,
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata(name, release),
      spec: {
        clusterIP: "None",
        selector: selectorLabels(name),
        ports: [{ name: "api", port: 8443, targetPort: 8443, protocol: "TCP" }],
      },
    },
  };
}

function podTemplate(name: string, release: string, container: object) {
  return {
    metadata: { labels: productLabels(name, release) },
    spec: {
      // Replicas of a part lie on different sites as long as there are enough.
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: SITE_LABEL,
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: selectorLabels(name) },
        },
      ],
      containers: [
        {
          name,
          image: productImage(name, release),
          ports: [{ name: "api", containerPort: 8443, protocol: "TCP" }],
          resources: { requests: { cpu: "100m", memory: "128Mi" } },
          ...container,
        },
      ],
    },
  };
}

function statefulSet(part: ProductPart, release: string): Applied {
  const { name, replicas } = part;
  return {
    path: `/apis/apps/v1/namespaces/${PRODUCT_NAMESPACE}/statefulsets/${name}`,
    object: {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: metadata(name, release),
      spec: {
        serviceName: name,
        replicas,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: selectorLabels(name) },
        template: podTemplate(name, release, {
          envFrom: [{ configMapRef: { name } }, { secretRef: { name: `${name}-credentials` } }],
          volumeMounts: [DATA_MOUNT],
        }),
        volumeClaimTemplates: [claimTemplate(part, selectorLabels(name))],
      },
    },
  };
}

/** The part without data, through which people reach the others. */
function gateway(release: string): Applied {
  const name = "gateway";
  return {
    path: `/apis/apps/v1/namespaces/${PRODUCT_NAMESPACE}/deployments/${name}`,
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata(name, release),
      spec: {
        replicas: 2,
        selector: { matchLabels: selectorLabels(name) },
        template: podTemplate(name, release, {}),
      },
    },
  };
}

function managedSite(release: string): Applied {
  return {
    path: `/apis/${PRODUCT_GROUP}/v1/namespaces/${PRODUCT_NAMESPACE}/managedsites/headquarters`,
    object: {
      apiVersion: `${PRODUCT_GROUP}/v1`,
      kind: "ManagedSite",
      metadata: metadata("inventory", release, "headquarters"),
      spec: { region: "north", devices: 1200 },
    },
  };
}
