import { planSite } from "../../planning/index";
import { exitCode, type ExitCode } from "../../site/exit";
import { yamlDocuments } from "../../site/render/manifests";
import { rolesOf } from "../../site/preflight/rights";
import { openStack } from "../../site/stack";
import { printAnswer } from "../print/answer";

interface RightsOptions {
  readonly stack: string;
  readonly user: string;
}

/** Prints the roles that the stack's commands need in its cluster, with their bindings to a user, as manifests. */
export async function rights({ stack, user }: RightsOptions): Promise<ExitCode> {
  const roles = rolesOf(planSite(openStack(stack, []).site), user);
  printAnswer([yamlDocuments(roles).trimEnd()]);
  return Promise.resolve(exitCode.done);
}
