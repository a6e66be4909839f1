import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { isIP } from "node:net";
import { connect } from "node:tls";

import { VcenterError } from "./error";

/** One call; tasks are waited for by many short calls. */
export const CALL_TIMEOUT_MS = 10_000;

const CERTIFICATE_CODES: readonly string[] = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
];

export interface SoapAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends SOAP envelopes to one vCenter and keeps its session cookie. */
export class SoapTransport {
  readonly #agent: Agent;
  readonly #url: URL;
  #cookie: string | undefined;

  /** @param server host name or `host:port`, as in the stack file */
  constructor(
    private readonly server: string,
    allowUnverifiedSsl: boolean,
  ) {
    this.#url = new URL(`https://${server}/sdk`);
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
      rejectUnauthorized: !allowUnverifiedSsl,
    });
  }

  /** @throws VcenterError `unreachable` or `certificate` */
  async post(envelope: string, timeoutMs = CALL_TIMEOUT_MS): Promise<SoapAnswer> {
    try {
      return await this.exchange(envelope, timeoutMs);
    } catch (error) {
      throw await this.describe(error as NodeJS.ErrnoException, timeoutMs);
    }
  }

  /** Goes on as a stranger: a login with the cookie of an ended session may be refused. */
  forgetSession(): void {
    this.#cookie = undefined;
  }

  close(): void {
    this.forgetSession();
    this.#agent.destroy();
  }

  private exchange(envelope: string, timeoutMs: number): Promise<SoapAnswer> {
    const headers = {
      "content-type": "text/xml; charset=utf-8",
      "content-length": Buffer.byteLength(envelope),
      // Names the API version that is spoken: 6.7, which all supported vCenters serve.
      soapaction: '"urn:vim25/6.7"',
      ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
    };
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const fail = (error: Error): void =>
        reject(signal.aborted ? (signal.reason as Error) : error);
      const options = { method: "POST", agent: this.#agent, headers, signal };
      const outgoing = request(this.#url, options, (incoming) => {
        this.keepCookie(incoming);
        collect(incoming).then(resolve, fail);
      });
      outgoing.on("error", fail);
      outgoing.end(envelope);
    });
  }

  private keepCookie(incoming: IncomingMessage): void {
    const cookies = (incoming.headers["set-cookie"] ?? []).map(
      (cookie) => cookie.split(";")[0] ?? "",
    );
    if (cookies.length > 0) {
      this.#cookie = cookies.join("; ");
    }
  }

  private async describe(error: NodeJS.ErrnoException, timeoutMs: number): Promise<VcenterError> {
    const { code, name } = error;
    if (CERTIFICATE_CODES.includes(code ?? "")) {
      return new VcenterError("certificate", await this.describeCertificate(error));
    }
    const timedOut = name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT";
    const why = timedOut ? `did not answer within ${timeoutMs / 1000} s` : describeSilence(error);
    return new VcenterError("unreachable", `vCenter ${this.server} ${why}.`);
  }

  private async describeCertificate(error: Error): Promise<string> {
    const thumbprint = await this.thumbprint();
    const shown = thumbprint === undefined ? "" : ` (SHA-256 thumbprint ${thumbprint})`;
    const why = error.message.replace(/\s+/g, " ").replace(/\.$/, "");
    return (
      `vCenter ${this.server} shows a certificate${shown} that is not trusted here: ${why}; give the file of its ` +
      "authority in NODE_EXTRA_CA_CERTS, or compare the thumbprint and set virtualMachines.allowUnverifiedSsl: true."
    );
  }

  /** Looks at the certificate without sending anything. */
  private thumbprint(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const { hostname, port } = this.#url;
      const options = {
        host: hostname,
        port: port === "" ? 443 : Number(port),
        rejectUnauthorized: false,
        // An address is no server name (RFC 6066).
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
      };
      const socket = connect(options, () => {
        const { fingerprint256 } = socket.getPeerCertificate() as { fingerprint256?: string };
        socket.destroy();
        resolve(fingerprint256);
      });
      socket.setTimeout(CALL_TIMEOUT_MS, () => socket.destroy());
      socket.on("error", () => resolve(undefined));
      socket.on("close", () => resolve(undefined));
    });
  }
}

function describeSilence({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ECONNREFUSED":
      return "refuses connections: nothing listens there";
    case "ECONNRESET":
    case "EPIPE":
      return "closed the connection without an answer";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "cannot be found: its name does not resolve";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "cannot be reached: there is no route to it";
    default:
      return `cannot be reached: ${message.replace(/\s+/g, " ")}`;
  }
}

async function collect(incoming: IncomingMessage): Promise<SoapAnswer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) {
    parts.push(part as Buffer);
  }
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
}
