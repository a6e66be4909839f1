import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { PlainValue, Registration } from "./desiredState";
import { plainValues } from "./plainValue";

const PROVIDER_PREFIX = "pulumi:providers:";
const ROOT_STACK_TYPE = "pulumi:pulumi:Stack";

/** URN as the engine builds it: the chain of parent types (the stack itself left out), then type and name. */
export function urnOf(
  project: string,
  stack: string,
  parent: string | undefined,
  type: string,
  name: string,
): string {
  const parentTypes = parent?.split("::")[2];
  const chain =
    parentTypes === undefined || parentTypes === ROOT_STACK_TYPE ? type : `${parentTypes}$${type}`;
  return `urn:pulumi:${stack}::${project}::${chain}::${name}`;
}

/**
 * Reads one registration from the request that the SDK sends to the engine.
 *
 * @throws Error for an option that {@link Registration} cannot carry, and for an input that only a deployment
 * computes: the desired state would be incomplete without saying so.
 */
export function readRegistration(request: RegisterResourceRequest, urn: string): Registration {
  const type = request.getType();
  const name = request.getName();
  refuseUnreadable(request, `${type} "${name}"`);
  const inputs = plainValues(request.getObject()?.toJavaScript() ?? {});
  if (inputs.unknown.length > 0) {
    throw new Error(
      `${type} "${name}": ${inputs.unknown.join(", ")} would be known only after a deployment; ` +
        "no input may depend on a computed output",
    );
  }
  return {
    urn,
    type,
    name,
    custom: request.getCustom(),
    isProvider: type.startsWith(PROVIDER_PREFIX),
    inputs: inputs.values,
    secretInputs: inputs.secrets,
    parent: given(request.getParent()),
    provider: given(providerUrn(request.getProvider())),
    dependsOn: request.getDependenciesList().slice().sort(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    aliases: request.getAliasesList().map(readAlias),
    version: given(request.getVersion()),
    hooks: readHooks(request),
    ...readRareOptions(request),
  };
}

function refuseUnreadable(request: RegisterResourceRequest, resource: string): void {
  const unreadable: Readonly<Record<string, boolean>> = {
    remote: request.getRemote(),
    transforms: request.getTransformsList().length > 0,
    "package reference": request.getPackageref() !== "",
    replacementTrigger: request.hasReplacementTrigger(),
    envVarMappings: request.getEnvvarmappingsMap().getLength() > 0,
    pluginDownloadURL: request.getPlugindownloadurl() !== "",
    "alias URNs": request.getAliasurnsList().length > 0,
    import: request.getImportid() !== "",
    customTimeouts: Object.values(request.getCustomtimeouts()?.toObject() ?? {}).some(Boolean),
    deletedWith: request.getDeletedwith() !== "",
    replaceWith: request.getReplaceWithList().length > 0,
    hideDiffs: request.getHidediffsList().length > 0,
    onError: (request.getHooks()?.getOnErrorList().length ?? 0) > 0,
  };
  for (const [option, used] of Object.entries(unreadable)) {
    if (used) {
      throw new Error(`${resource} uses "${option}", which cannot be collected`);
    }
  }
}

function readRareOptions(request: RegisterResourceRequest): Partial<Registration> {
  const providers: Record<string, string> = {};
  request.getProvidersMap().forEach((reference: string, name: string) => {
    providers[name] = providerUrn(reference);
  });
  const secretOutputs = request.getAdditionalsecretoutputsList();
  return {
    ...(Object.keys(providers).length > 0 ? { providers } : {}),
    ...(secretOutputs.length > 0 ? { additionalSecretOutputs: secretOutputs } : {}),
  };
}

function readHooks(request: RegisterResourceRequest): Record<string, readonly string[]> {
  const bound = request.getHooks();
  const moments: Readonly<Record<string, readonly string[] | undefined>> = {
    beforeCreate: bound?.getBeforeCreateList(),
    afterCreate: bound?.getAfterCreateList(),
    beforeUpdate: bound?.getBeforeUpdateList(),
    afterUpdate: bound?.getAfterUpdateList(),
    beforeDelete: bound?.getBeforeDeleteList(),
    afterDelete: bound?.getAfterDeleteList(),
  };
  const hooks: Record<string, readonly string[]> = {};
  for (const [moment, names] of Object.entries(moments)) {
    if (names !== undefined && names.length > 0) {
      hooks[moment] = names;
    }
  }
  return hooks;
}

function readAlias(alias: Alias): PlainValue {
  const spec = alias.getSpec();
  if (spec === undefined) {
    return alias.getUrn();
  }
  const fields = Object.entries({
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
  }).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(fields), ...(spec.getNoparent() ? { noParent: true } : {}) };
}

/** A provider reference is `<urn>::<id>`; the id is not known before a deployment. */
function providerUrn(reference: string): string {
  return reference.split("::").slice(0, 4).join("::");
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}
