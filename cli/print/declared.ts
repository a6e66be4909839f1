import type { DesiredState, PlainValue, Registration } from "../../engine/program/desiredState";

/** Lines for people: every resource that the program declares, with the name it bears in its system. */
export function declaredLines(desired: DesiredState): string[] {
  const resources = resourcesOf(desired);
  return [
    ...resources.map((registration) => `+ ${kindOf(registration.type)} ${liveName(registration)}`),
    resources.length === 1 ? "1 resource" : `${resources.length} resources`,
  ];
}

/** The same for machines: name, type, inputs and the options that protect data. Secrets are marked, not shown. */
export function declaredDocument(desired: DesiredState): PlainValue {
  return {
    resources: resourcesOf(desired).map((registration) => ({
      urn: registration.urn,
      type: registration.type,
      name: liveName(registration),
      protect: registration.protect,
      retainOnDelete: registration.retainOnDelete,
      inputs: registration.inputs,
    })),
    outputs: desired.outputs,
  };
}

function resourcesOf(desired: DesiredState): Registration[] {
  return desired.registrations.filter(({ custom, isProvider }) => custom && !isProvider);
}

/** `kubernetes:storage.k8s.io/v1:StorageClass` -> `StorageClass`. */
function kindOf(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

function liveName({ inputs, name }: Registration): string {
  const { snapshotName, metadata } = inputs;
  if (typeof snapshotName === "string") {
    return `${snapshotName} (${name})`;
  }
  if (typeof metadata === "object" && metadata !== null && "name" in metadata) {
    return String(metadata.name);
  }
  return name;
}
