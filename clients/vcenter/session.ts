import { VcenterError, faultError } from "./error";
import { SoapTransport } from "./transport";
import type { Reference, XmlInput, XmlNode } from "./xml";
import { child, children, referenceAt, referenceInput, textOf, xml } from "./xml";

interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface VcenterChoice extends Credentials {
  /** Host name or `host:port`. */
  readonly server: string;
  /** Accept a certificate that no authority known here has signed. */
  readonly allowUnverifiedSsl: boolean;
}

/** What calls are made with. */
export type Caller = Pick<Session, "call" | "manager">;

/** SOAP calls under one login, made before the first of them and again when the session ended meanwhile. */
export class Session {
  /** Private to the object, so that neither a log nor an error's dump can hold it. */
  readonly #credentials: Credentials;
  #key = "";
  #content: Promise<XmlNode> | undefined;
  /** Host name or `host:port`, as in the stack file. */
  readonly server: string;
  private readonly transport: SoapTransport;

  /** Nothing is sent yet. */
  constructor({ server, allowUnverifiedSsl, ...credentials }: VcenterChoice) {
    this.server = server;
    this.transport = new SoapTransport(server, allowUnverifiedSsl);
    this.#credentials = credentials;
  }

  /** UUID of this vCenter installation. */
  async instanceUuid(): Promise<string> {
    return textOf(await this.content(), "about", "instanceUuid").toLowerCase();
  }

  /** One of its managers, e.g. `propertyCollector`; an empty reference where it has none. */
  async manager(name: string): Promise<Reference> {
    return referenceAt(await this.content(), name);
  }

  /**
   * What the vCenter says of itself and where its managers are; logs in the first time.
   *
   * @throws VcenterError `unreachable`, `certificate` or `login`
   */
  private content(): Promise<XmlNode> {
    const enter = async (): Promise<XmlNode> => {
      const instance = { type: "ServiceInstance", value: "ServiceInstance" };
      const action = "Asking vCenter who it is";
      const [content] = await post(this.transport, "RetrieveServiceContent", instance, {}, action);
      await this.login(content);
      return content;
    };
    this.#content ??= enter();
    return this.#content;
  }

  /** Key of the session, by which vCenter knows whose privileges are asked for. */
  get key(): string {
    return this.#key;
  }

  /**
   * Calls a method; `action` says for errors what is tried, e.g. `Creating the snapshot`.
   *
   * @returns the `returnval` elements
   */
  async call(
    method: string,
    target: Reference,
    input: XmlInput,
    action: string,
  ): Promise<readonly XmlNode[]> {
    const content = await this.content();
    try {
      return await post(this.transport, method, target, input, action);
    } catch (error) {
      if (!(error instanceof VcenterError && error.reason === "NotAuthenticated")) {
        throw error;
      }
      // The session ended (30 minutes idle, or vCenter was restarted); the call itself was not made.
      this.transport.forgetSession();
      await this.login(content);
      return post(this.transport, method, target, input, action);
    }
  }

  /** Logs out; that vCenter is gone is no error any more. */
  async close(): Promise<void> {
    try {
      if (this.#key !== "") {
        const manager = await this.manager("sessionManager");
        await post(this.transport, "Logout", manager, {}, "Logging out of vCenter");
      }
    } catch (error) {
      if (!(error instanceof VcenterError)) {
        throw error;
      }
    } finally {
      this.transport.close();
    }
  }

  private async login(content: XmlNode): Promise<void> {
    const { user, password } = this.#credentials;
    const input = { userName: user, password };
    const action = `Logging in to vCenter as ${user}`;
    try {
      const manager = referenceAt(content, "sessionManager");
      const [login] = await post(this.transport, "Login", manager, input, action);
      this.#key = textOf(login, "key");
    } catch (error) {
      if (error instanceof VcenterError && error.reason === "InvalidLogin") {
        const message =
          `vCenter does not accept user ${user} with the password it was given: ` +
          "check virtualMachines.user and the secret vcenterPassword.";
        throw new VcenterError("login", message, undefined, error.reason);
      }
      throw error;
    }
  }
}

async function post(
  transport: SoapTransport,
  method: string,
  target: Reference,
  input: XmlInput,
  action: string,
): Promise<readonly XmlNode[]> {
  const { builder, parser } = await xml();
  const body = { [method]: { "@xmlns": "urn:vim25", _this: referenceInput(target), ...input } };
  const envelope = {
    "soapenv:Envelope": {
      "@xmlns:soapenv": "http://schemas.xmlsoap.org/soap/envelope/",
      "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
      "soapenv:Body": body,
    },
  };
  const { status, text } = await transport.post(
    `<?xml version="1.0" encoding="UTF-8"?>${builder.build(envelope)}`,
  );
  const answer = child(child(parseEnvelope(parser, text, status, action), "Envelope"), "Body");
  const fault = child(answer, "Fault");
  if (fault !== undefined) {
    throw faultError(action, faultType(fault), textOf(fault, "faultstring"));
  }
  const response = child(answer, `${method}Response`);
  if (response === undefined) {
    throw faultError(action, undefined, `it answered ${status} without a result`);
  }
  return children(response, "returnval");
}

function parseEnvelope(
  parser: { parse(text: string): unknown },
  text: string,
  status: number,
  action: string,
): XmlNode {
  try {
    return parser.parse(text) as XmlNode;
  } catch {
    throw faultError(action, undefined, `it answered ${status} with something that is no SOAP`);
  }
}

/** The type stands in the only element of `detail`: `<InvalidLoginFault xsi:type="InvalidLogin">`. */
function faultType(fault: XmlNode): string | undefined {
  const detail = child(fault, "detail");
  if (typeof detail !== "object" || Array.isArray(detail)) {
    return undefined;
  }
  const [name, element] = Object.entries(detail).find(([key]) => !/^[#@]/.test(key)) ?? [];
  const type = localName(textOf(child(element, "@type")));
  return type === "" ? name?.replace(/Fault$/, "") : type;
}

/** Without its namespace's prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
