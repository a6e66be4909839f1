import type { TArray, TString } from "@sinclair/typebox";

import { image, namespaceName, objectName, words } from "./forms";
import { list, map, optional, text, whole } from "./node";

function argv(description: string): TArray<TString> {
  return list(description, text("One word of it.", { minLength: 1, maxLength: 32_768 }), {
    minItems: 1,
  });
}

const hook = map("One hook. Hooks freeze in this order and thaw in the opposite one.", {
  name: text("Name of the hook.", namespaceName),
  namespace: text("Namespace that its pod runs in.", namespaceName),
  image: text("Image with a POSIX shell and what the commands need.", image),
  claims: list(
    "Claims that are mounted, each at `/volumes/<claim>`.",
    text("Name of a claim.", objectName),
    { default: [] },
  ),
  freeze: argv("Command that freezes, and its arguments. Exit code 0: frozen."),
  thaw: argv("Command that thaws, and its arguments. It may run more than once."),
  leaseSeconds: whole(
    "Longest time frozen: after it the hook thaws by itself, whatever became of the command.",
    { minimum: 5, maximum: 600, unit: "seconds", default: 60 },
  ),
  serviceAccount: optional(text("Service account of the pod.", objectName)),
});

const probe = map(
  "How `restore-point verify` looks at restored volumes. Absent: they are restored but no point can be proven.",
  {
    image: text("Image with a POSIX shell, `find` and `sha256sum`.", image),
    command: optional(
      argv(
        "Command that looks at one volume, mounted read-only at `$VOLUME`; `$CLAIM` and `$NAMESPACE` name it. Exit code 0 proves it. Absent: a manifest of checksums is compared.",
      ),
    ),
    timeoutSeconds: whole("Limit for one volume.", {
      minimum: 10,
      maximum: 86_400,
      unit: "seconds",
      default: 600,
    }),
  },
);

/** Key `product`. */
export const product = map(
  'Which volumes are ATOM\'s. "Every data volume", the scope of restore points and drift derive from it.',
  {
    namespaces: list("Namespaces that ATOM runs in.", text("Name of a namespace.", namespaceName), {
      minItems: 1,
    }),
    selector: optional(
      text("Label selector that narrows the claims. Absent: all claims of the namespaces.", words),
    ),
    workloads: optional(
      text(
        "Label selector of the StatefulSets and Deployments that a point of `consistency: stopped` scales down. Absent: all of the namespaces.",
        words,
      ),
    ),
    helmReleases: optional(
      list(
        "Helm releases of ATOM. Absent: all releases of the namespaces.",
        text("One release.", {
          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
          maxLength: 117,
          form: "namespace/name",
        }),
      ),
    ),
    hooks: list(
      "What freezes the product for a point of `consistency: frozen`: for each hook one pod, which freezes, waits until the snapshots are taken or its lease ends, and thaws.",
      hook,
      { default: [] },
    ),
    probe: optional(probe),
  },
);
