import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Shape of the package file, as far as it is read here. */
interface PackageFile {
  readonly pulumi: { readonly version: string };
}

/**
 * Version of the provider plugin that this SDK is written for: the engine starts exactly this plugin. Read from
 * package.json, which lies beside the compiled folder, so that it stands in one place.
 */
export const pluginVersion: string = (
  JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8")) as PackageFile
).pulumi.version;
