import * as http from "node:http";
import * as https from "node:https";
import { readIfThere } from "./files";
import type { Service } from "./service";

/** How long one question to a service may take, in milliseconds. A server in trouble would not answer sooner. */
const PROBE_MS = 1500;

/**
 * Asks a health address of this machine; true if it answers 200. The certificate is not checked, as nothing
 * secret is sent: who a server is, is decided where credentials go.
 */
export async function answers({
  health,
  identity,
}: Pick<Service, "health" | "identity">): Promise<boolean> {
  return await new Promise((resolve) => {
    const options = {
      rejectUnauthorized: false,
      agent: false as const,
      timeout: PROBE_MS,
      cert: identity && readIfThere(identity.certificate),
      key: identity && readIfThere(identity.key),
    };
    const heard = (response: http.IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const request = health.startsWith("https:")
      ? https.get(health, options, heard)
      : http.get(health, options, heard);
    const limit = setTimeout(() => request.destroy(new Error("too late")), PROBE_MS);
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy(new Error("too late")));
    request.once("close", () => clearTimeout(limit));
  });
}
