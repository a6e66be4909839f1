import * as https from "node:https";
import { LabError } from "./error";

/** Answer of the API server. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

const REQUEST_MS = 10_000;

/**
 * The few calls that the lab itself makes to its API server. The Kubernetes client would do as well, but
 * takes longer to load than all these calls take together.
 */
export class LabApi {
  private readonly agent: https.Agent;

  constructor(
    private readonly port: number,
    ca: string,
    private readonly token: string,
  ) {
    this.agent = new https.Agent({ ca, keepAlive: true, maxSockets: 8 });
  }

  /** Ends the kept connections, which would keep the command from ending. */
  close(): void {
    this.agent.destroy();
  }

  async get(path: string): Promise<ApiAnswer> {
    return await this.request("GET", path, undefined);
  }

  /** Server-side apply; `body` is YAML or JSON. @throws LabError if the server refuses it. */
  async apply(path: string, body: string): Promise<void> {
    const answer = await this.request("PATCH", `${path}?fieldManager=atom-lab&force=true`, body);
    if (answer.status !== 200 && answer.status !== 201) {
      throw new LabError(
        `The lab's API server refused ${path} (${answer.status}): ${answer.text.slice(0, 500)}`,
      );
    }
  }

  /**
   * Deletes an object and what it owns; one that is gone already is fine.
   * @throws LabError if the server refuses it.
   */
  async delete(path: string): Promise<void> {
    const answer = await this.request("DELETE", `${path}?propagationPolicy=Background`, undefined);
    if (answer.status >= 300 && answer.status !== 404) {
      throw new LabError(
        `The lab's API server refused to delete ${path} (${answer.status}): ${answer.text.slice(0, 500)}`,
      );
    }
  }

  private async request(
    method: string,
    path: string,
    body: string | undefined,
  ): Promise<ApiAnswer> {
    return await new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new LabError(
            `The lab's API server gave no answer to ${method} ${path}: ${error.message}.`,
            {
              cause: error,
            },
          ),
        );
      const request = https.request(
        {
          host: "127.0.0.1",
          port: this.port,
          method,
          path,
          agent: this.agent,
          timeout: REQUEST_MS,
          headers: {
            Authorization: `Bearer ${this.token}`,
            Accept: "application/json",
            ...(body === undefined ? {} : { "Content-Type": "application/apply-patch+yaml" }),
          },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (text += chunk));
          response.once("error", failed);
          response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.once("timeout", () =>
        request.destroy(new Error(`none within ${REQUEST_MS / 1000} s`)),
      );
      request.once("error", failed);
      request.end(body);
    });
  }
}
