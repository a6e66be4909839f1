import * as pulumi from "@pulumi/pulumi";

/** Ids of live objects by `<type>::<name>`, as JSON; set by `./atom` for the deployment that imports them. */
const IMPORTS = "ATOM_IMPORT";

/**
 * Lets a deployment import live objects that the stack's state lacks, instead of creating them. They are imported as they
 * are: without `ignoreChanges` the engine refuses an object that differs in any field, and what differs is for the next
 * deployment to change.
 */
export function importLiveObjects(env: NodeJS.ProcessEnv = process.env): void {
  const given = env[IMPORTS];
  if (given === undefined) {
    return;
  }
  const ids = new Map(Object.entries(JSON.parse(given) as Record<string, string>));
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    const id = ids.get(`${type}::${name}`);
    return id === undefined
      ? undefined
      : { props, opts: pulumi.mergeOptions(opts, { import: id, ignoreChanges: Object.keys(props) }) };
  });
}
