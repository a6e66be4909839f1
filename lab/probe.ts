import * as http from "node:http";
import * as https from "node:https";

/** How long one question to a service may take, in milliseconds. A server in trouble would not answer sooner. */
const PROBE_MS = 1500;

/**
 * Asks a health address of this machine; true if it answers 200. The certificate is not checked, as nothing
 * secret is sent: who a server is, is decided where credentials go.
 */
export async function answers(url: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const options = { rejectUnauthorized: false, agent: false as const, timeout: PROBE_MS };
    const heard = (response: http.IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const request = url.startsWith("https:")
      ? https.get(url, options, heard)
      : http.get(url, options, heard);
    const limit = setTimeout(() => request.destroy(new Error("too late")), PROBE_MS);
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy(new Error("too late")));
    request.once("close", () => clearTimeout(limit));
  });
}
