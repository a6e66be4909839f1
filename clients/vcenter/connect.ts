import { VcenterClient } from "./client";
import { Session } from "./session";
import { SoapTransport } from "./transport";

export interface VcenterChoice {
  /** Host name or `host:port`. */
  readonly server: string;
  readonly user: string;
  readonly password: string;
  /** Accept a certificate that no authority known here has signed. */
  readonly allowUnverifiedSsl: boolean;
}

/**
 * Logs in.
 *
 * @throws VcenterError `unreachable`, `certificate` or `login`
 */
export async function connectVcenter(choice: VcenterChoice): Promise<VcenterClient> {
  const { server, user, password, allowUnverifiedSsl } = choice;
  const transport = new SoapTransport(server, allowUnverifiedSsl);
  try {
    return new VcenterClient(server, await Session.open(transport, { user, password }));
  } catch (error) {
    transport.close();
    throw error;
  }
}
