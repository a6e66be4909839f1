import * as pulumi from "@pulumi/pulumi";

import { type Problem, problemAt } from "../planning/problem";
import { secretKeys } from "../planning/schema/site";
import type { Site } from "../planning/site";
import { valuesOf } from "./engineConfiguration";
import { checkConfiguration } from "./parseSite";
import { namespaceProblems } from "./ownKey";
import { gatherPoints } from "./pointFile";
import { formatProblems } from "./problems";
import { projectName, projectRoot, stackFolder } from "./projectRoot";
import type { RawConfiguration } from "./rawConfiguration";
import { pointsDir } from "./readConfiguration";

const passwordKey = "vcenterPassword";
const passwordVariable = "VSPHERE_PASSWORD";

/**
 * The site that this stack's configuration describes; the only place where the program reads its configuration.
 *
 * @throws pulumi.RunError without a stack, with all problems at once, in the words of the commands. To be called at
 * the top level of the program: there such an error ends the run within a second.
 */
export function loadSite(): Site {
  const raw = readEngine();
  const { site, problems } = checkConfiguration(raw);
  const missing = missingPassword(raw);
  if (site === undefined || missing.length > 0) {
    throw runError(formatProblems([...problems, ...missing], raw.file));
  }
  return site;
}

/**
 * Password of the vCenter user, always a secret: the stack's own, else the variable VSPHERE_PASSWORD.
 *
 * @throws pulumi.RunError when there is neither.
 */
export function vcenterPassword(): pulumi.Output<string> {
  const password = givenPassword();
  if (password === undefined) {
    throw runError(`${passwordKey} is missing. ${howToSet}`);
  }
  return pulumi.secret(password);
}

function readEngine(): RawConfiguration {
  const stack = pulumi.getStack();
  const prefix = `${projectName}:`;
  const all = pulumi.runtime.allConfig();
  const own = Object.entries(all)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]): [string, string] => [key.slice(prefix.length), text]);
  const secret = own.map(([key]) => key).filter(isSecret);
  const values = valuesOf(Object.fromEntries(own.filter(([key]) => !secret.includes(key))));
  return {
    stack,
    file: `${stackFolder}/Pulumi.${stack}.yaml`,
    values,
    secretKeys: secret,
    points: gatherPoints(projectRoot(), pointsDir(values), stack),
    problems: namespaceProblems(Object.keys(all)),
  };
}

/** Whether the engine says that a key's value is secret. The SDK keeps the question out of its types. */
function isSecret(key: string): boolean {
  const ask: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  return typeof ask === "function"
    ? (ask as (key: string) => boolean)(`${projectName}:${key}`)
    : secretKeys.includes(key);
}

function givenPassword(): string | undefined {
  const configured = new pulumi.Config(projectName).get(passwordKey);
  const variable = process.env[passwordVariable];
  return configured ?? (variable === "" ? undefined : variable);
}

const howToSet = `Set it with pulumi config set --secret ${passwordKey}, or set the variable ${passwordVariable}`;

function missingPassword(raw: RawConfiguration): readonly Problem[] {
  return raw.values["virtualMachines"] === undefined || givenPassword() !== undefined
    ? []
    : [problemAt(passwordKey, "is missing", howToSet)];
}

/** An error of which the engine prints the message and nothing else. */
function runError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  // With a stack, Node 20 and 22 take up to half a minute to print an error that passed through a source map.
  error.stack = undefined;
  return error;
}
