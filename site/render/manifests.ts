import { stringify } from "yaml";

import { describeObject } from "../../clients/kubernetes/object";
import type { DesiredState, PlainValue, Registration } from "../../engine/program/desiredState";
import type { Inputs } from "../../drift/resources";
import { isKubernetes, isPatch, record, referenceFrom } from "../../drift/resources";

/** One object as a file. */
export interface Manifest {
  /** Path below the folder, with `/`; the same for the same object, whatever else is declared. */
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  /** `own`: the whole object is declared. `patch`: only these fields, of an object that somebody else brings. */
  readonly hold: "own" | "patch";
  readonly text: string;
}

/** Something declared that no file can hold. */
export interface LeftOut {
  readonly object: string;
  readonly why: string;
}

export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly leftOut: readonly LeftOut[];
}

/** Folder of the patches: `kubectl apply -f DIR` does not descend into it, and so creates nothing by mistake. */
const PATCHES = "patches";

/** Annotations that are directions to the engine's provider and no part of the object. */
const DIRECTION = /^pulumi\.com\//;

/** The declared Kubernetes objects as YAML, in the order of the program. Pure: the same bytes for the same program. */
export function renderManifests({ registrations, stack }: DesiredState): Manifests {
  const things = registrations.filter(({ type }) => isKubernetes(type));
  return {
    manifests: things
      .filter((thing) => whyLeftOut(thing) === undefined)
      .map((thing) => manifest(thing, stack)),
    leftOut: things.flatMap((thing): LeftOut[] => {
      const why = whyLeftOut(thing);
      return why === undefined
        ? []
        : [{ object: describeObject(referenceFrom(thing.inputs)), why }];
    }),
  };
}

function whyLeftOut({ secretInputs }: Registration): string | undefined {
  return secretInputs.length === 0
    ? undefined
    : `Its fields ${secretInputs.join(", ")} are secret, and a secret is not written into a file.`;
}

function manifest({ type, inputs }: Registration, stack: string): Manifest {
  const reference = referenceFrom(inputs);
  const { apiVersion, kind, namespace, name } = reference;
  const hold = isPatch(type, inputs) ? "patch" : "own";
  return {
    file: fileName(hold, apiVersion, kind, namespace, name),
    apiVersion,
    kind,
    namespace,
    name,
    hold,
    text: `${header(hold, describeObject(reference), stack)}${yaml(withoutDirections(inputs))}`,
  };
}

/** `kind.group_namespace_name.yaml`: no Kubernetes name holds an underscore, so that no two objects share a file. */
function fileName(
  hold: Manifest["hold"],
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0] ?? ""}` : "";
  const parts = [`${kind.toLowerCase()}${group}`, ...(namespace === undefined ? [] : [namespace])];
  // Some kinds, roles for one, take names that no file can have.
  const file = `${[...parts, name].map(encodeURIComponent).join("_")}.yaml`;
  return hold === "patch" ? `${PATCHES}/${file}` : file;
}

function header(hold: Manifest["hold"], object: string, stack: string): string {
  const lines =
    hold === "own"
      ? [
          `# ${object} of stack ${stack}, rendered by ./atom render.`,
          "# What is changed here is refused by the next rendering: change the stack file instead.",
        ]
      : [
          `# Fields of ${object} that stack ${stack} sets, rendered by ./atom render; the object itself is`,
          "# somebody else's. Apply with: kubectl apply --server-side --force-conflicts",
        ];
  return `${lines.join("\n")}\n`;
}

function withoutDirections(inputs: Inputs): Inputs {
  const metadata = record(inputs["metadata"]);
  const { annotations, ...rest } = metadata;
  const kept = Object.entries(record(annotations)).filter(([key]) => !DIRECTION.test(key));
  return {
    ...inputs,
    metadata: {
      ...rest,
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) as PlainValue }),
    },
  };
}

function yaml(inputs: Inputs): string {
  const { apiVersion, kind, metadata, ...rest } = inputs;
  return yamlDocuments([{ apiVersion, kind, metadata, ...rest }]);
}

/** As YAML 1.1, which kubectl reads: there `on` and `yes` are booleans and have to stand in quotes to be texts. */
export function yamlDocuments(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { version: "1.1", lineWidth: 0 })).join("---\n");
}
