import { Agent } from "node:https";
import { isIP } from "node:net";
import { connect } from "node:tls";

import { exchange, type HttpAnswer, NoAnswer } from "../http";
import { VcenterError } from "./error";

/** One call; tasks are waited for by many short calls. */
const CALL_TIMEOUT_MS = 10_000;

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
  async post(envelope: string): Promise<HttpAnswer> {
    const headers = {
      "content-type": "text/xml; charset=utf-8",
      // Names the API version that is spoken: 6.7, which all supported vCenters serve.
      soapaction: '"urn:vim25/6.7"',
      ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
    };
    const options = { method: "POST", agent: this.#agent, headers };
    try {
      const answer = await exchange(this.#url, options, CALL_TIMEOUT_MS, envelope);
      const cookies = answer.headers["set-cookie"] ?? [];
      if (cookies.length > 0) {
        this.#cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
      }
      return answer;
    } catch (error) {
      throw error instanceof NoAnswer ? await this.describe(error) : error;
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

  private async describe({ message, certificate }: NoAnswer): Promise<VcenterError> {
    if (certificate === undefined) {
      return new VcenterError("unreachable", `vCenter ${this.server} ${message}.`);
    }
    const thumbprint = await this.thumbprint();
    const shown = thumbprint === undefined ? "" : ` (SHA-256 thumbprint ${thumbprint})`;
    return new VcenterError(
      "certificate",
      `vCenter ${this.server} shows a certificate${shown} that is not trusted here: ${certificate}; give the file of ` +
        "its authority in NODE_EXTRA_CA_CERTS, or compare the thumbprint and set virtualMachines.allowUnverifiedSsl: true.",
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
