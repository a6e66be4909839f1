import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { Agent } from "node:https";

import { exchange } from "../clients/http";
import { ClusterClient } from "../clients/kubernetes/client";
import { loadEndpoint } from "../clients/kubernetes/connect";
import type { ClusterObject } from "../clients/kubernetes/object";
import { inParallel } from "../clients/parallel";
import { openLive, withAccess } from "../cli/live";
import { lookForDrift } from "../cli/commands/drift";
import { resultOf } from "../site/drift/readDrift";

/** What one process came to. */
export interface Once {
  /** From the first question on. */
  readonly seconds: number;
  /** Requests to each system. */
  readonly calls: { readonly cluster: number; readonly vcenter: number };
  /** Peak of the process's memory. */
  readonly megabytes: number;
  /** Paths of the API server that were asked for, without pages. */
  readonly paths: readonly string[];
}

const IN_FLIGHT = 16;

/** Measured as a process of its own: `node driftOnce.js drift`, or `raw PATH...`, or `single PATH...` of LISTs. */
async function main([what, ...paths]: readonly string[]): Promise<void> {
  const asked: { readonly host: string; readonly path: string; readonly method: string }[] = [];
  let first = 0;
  subscribe("http.client.request.start", (message) => {
    const { request } = message as { readonly request: ClientRequest };
    first ||= performance.now();
    const { path, method } = request;
    const host = request.getHeader("soapaction") === undefined ? "cluster" : "vcenter";
    asked.push({ host, path, method });
  });
  await (what === "drift" ? drift() : what === "raw" ? raw(paths) : single(paths));
  const seconds = (performance.now() - first) / 1000;
  const count = (host: string): number => asked.filter((one) => one.host === host).length;
  const lists = asked
    .filter(({ host, method }) => host === "cluster" && method === "GET")
    .map(({ path }) => path.replace(/&continue=[^&]*/, ""));
  const once: Once = {
    seconds,
    calls: { cluster: count("cluster"), vcenter: count("vcenter") },
    megabytes: process.resourceUsage().maxRSS / 1024,
    paths: [...new Set(lists)],
  };
  process.stdout.write(JSON.stringify(once));
}

async function drift(): Promise<void> {
  const { findings } = await lookForDrift(openLive("lab"), { timeout: 600 });
  if (resultOf(findings) === "unknown") {
    const [one] = findings.filter(({ kind }) => kind === "unknown");
    throw new Error(`It could not read all: ${JSON.stringify(one)}`);
  }
}

/** Reads the same, and drops it. */
async function raw(paths: readonly string[]): Promise<void> {
  const stack = openLive("lab");
  const { server, options } = await loadEndpoint({});
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const read = async (path: string): Promise<void> => {
    let next = "";
    do {
      const more = next === "" ? "" : `&continue=${encodeURIComponent(next)}`;
      const url = new URL(`${server}${path}${more}`);
      const { text } = await exchange(url, { ...(await options()), agent }, 60_000);
      const { metadata } = JSON.parse(text) as { readonly metadata?: { continue?: string } };
      next = metadata?.continue ?? "";
    } while (next !== "");
  };
  await withAccess(stack, async ({ vcenter }) => {
    await Promise.all([
      vcenter.state === "open" ? vcenter.client.vms() : undefined,
      ...paths.map(read),
    ]);
  });
  agent.destroy();
}

/** Reads each object of the lists by itself. */
async function single(kinds: readonly string[]): Promise<void> {
  openLive("lab");
  const client = new ClusterClient(await loadEndpoint({}));
  for (const kind of kinds) {
    const [apiVersion = "", name = ""] = kind.split(" ");
    const objects: readonly ClusterObject[] = await client.list(apiVersion, name);
    await inParallel(objects, IN_FLIGHT, ({ metadata }) =>
      client.get({ apiVersion, kind: name, ...metadata }),
    );
  }
  await client.close();
}

void main(process.argv.slice(2));
