import * as https from "node:https";
import { XMLParser } from "fast-xml-parser";

/** Answer of the simulator; `fault` is the vSphere type of a SOAP fault. */
export interface SoapAnswer {
  readonly status: number;
  readonly text: string;
  readonly fault: string | undefined;
}

/** A machine with its snapshots, parents first, each as `reference name parent`. */
export interface SeenVm {
  readonly reference: string;
  readonly name: string;
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly powerState: string;
  readonly current: string | undefined;
  readonly snapshots: readonly string[];
}

/**
 * A client that speaks SOAP by hand, apart from the product's own: the simulator is shown against what is
 * written in the vSphere API, not against one client's habits.
 */
export class SoapClient {
  private cookie: string | undefined;
  private readonly agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });

  constructor(private readonly port: number) {}

  close(): void {
    this.agent.destroy();
  }

  async http(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string; cookies: readonly string[] }> {
    return await new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: this.port,
        method,
        path,
        agent: this.agent,
        headers,
      };
      const request = https.request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            cookies: response.headers["set-cookie"] ?? [],
          }),
        );
      });
      request.once("error", reject);
      request.end(body);
    });
  }

  async call(body: string, path = "/sdk"): Promise<SoapAnswer> {
    const envelope = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
    const answer = await this.http("POST", path, envelope, {
      "Content-Type": "text/xml; charset=utf-8",
      SOAPAction: "urn:vim25/6.5",
      ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
    });
    const session = answer.cookies.find((cookie) => cookie.startsWith("vmware_soap_session"));
    this.cookie = session?.split(";")[0] ?? this.cookie;
    const fault = /<detail>.*?type="(\w+)"/s.exec(answer.text)?.[1];
    return { status: answer.status, text: answer.text, fault };
  }

  async login(user: string, password: string): Promise<SoapAnswer> {
    return await this.call(
      `<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>${user}</userName><password>${password}</password></Login>`,
    );
  }

  async createSnapshot(vm: string, name: string, memory = false): Promise<SoapAnswer> {
    return await this.call(
      `<CreateSnapshot_Task xmlns="urn:vim25"><_this type="VirtualMachine">${vm}</_this><name>${name}</name><description>of ${name}</description><memory>${memory}</memory><quiesce>false</quiesce></CreateSnapshot_Task>`,
    );
  }

  async removeSnapshot(snapshot: string, children = false): Promise<SoapAnswer> {
    return await this.call(
      `<RemoveSnapshot_Task xmlns="urn:vim25"><_this type="VirtualMachineSnapshot">${snapshot}</_this><removeChildren>${children}</removeChildren></RemoveSnapshot_Task>`,
    );
  }

  /** State, result and fault of the task that an answer names. */
  async task(answer: SoapAnswer): Promise<{ state: string; result?: string; fault?: string }> {
    const task = /<returnval type="Task">([^<]+)</.exec(answer.text)?.[1] ?? "";
    const info = await this.call(
      `<RetrieveProperties xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>Task</type><pathSet>info</pathSet></propSet><objectSet><obj type="Task">${task}</obj></objectSet></specSet></RetrieveProperties>`,
    );
    const find = (pattern: RegExp): string | undefined => pattern.exec(info.text)?.[1];
    const result = find(/<result [^>]*>([^<]+)</);
    const fault = find(/<error><fault [^>]*type="(\w+)"/);
    return {
      state: find(/<state>(\w+)</) ?? "",
      ...(result === undefined ? {} : { result }),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  /** All machines by one call of the property collector over a view, as the product reads them. */
  async vms(): Promise<SeenVm[]> {
    const view = await this.call(
      `<CreateContainerView xmlns="urn:vim25"><_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive></CreateContainerView>`,
    );
    const reference = /<returnval type="ContainerView">([^<]+)</.exec(view.text)?.[1] ?? "";
    const paths = ["name", "config.uuid", "config.instanceUuid", "runtime.powerState", "snapshot"];
    const answer = await this.call(
      `<RetrievePropertiesEx xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this><specSet><propSet><type>VirtualMachine</type>${paths.map((path) => `<pathSet>${path}</pathSet>`).join("")}</propSet><objectSet><obj type="ContainerView">${reference}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec"><name>view</name><type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options/></RetrievePropertiesEx>`,
    );
    return readVms(answer.text);
  }
}

interface Tree {
  readonly snapshot: string;
  readonly name: string;
  readonly childSnapshotList?: readonly Tree[];
}

interface Property {
  readonly name: string;
  readonly val: string | { currentSnapshot?: string; rootSnapshotList?: readonly Tree[] };
}

function readVms(text: string): SeenVm[] {
  const lists = ["objects", "propSet", "rootSnapshotList", "childSnapshotList"];
  const parser = new XMLParser({
    ignoreAttributes: true,
    removeNSPrefix: true,
    parseTagValue: false,
    isArray: (name) => lists.includes(name),
  });
  const parsed = parser.parse(text) as {
    Envelope: {
      Body: {
        RetrievePropertiesExResponse: {
          returnval: { objects: readonly { obj: string; propSet: readonly Property[] }[] };
        };
      };
    };
  };
  const { objects } = parsed.Envelope.Body.RetrievePropertiesExResponse.returnval;
  return objects.map(({ obj, propSet }) => {
    const value = (name: string) => propSet.find((property) => property.name === name)?.val;
    const string = (name: string): string => {
      const found = value(name);
      return typeof found === "string" ? found : "";
    };
    const snapshot = value("snapshot");
    const info = typeof snapshot === "object" ? snapshot : {};
    return {
      reference: obj,
      name: string("name"),
      uuid: string("config.uuid"),
      instanceUuid: string("config.instanceUuid"),
      powerState: string("runtime.powerState"),
      current: info.currentSnapshot,
      snapshots: flatten(info.rootSnapshotList ?? [], "-"),
    };
  });
}

function flatten(trees: readonly Tree[], parent: string): string[] {
  return trees.flatMap((tree) => [
    `${tree.snapshot} ${tree.name} ${parent}`,
    ...flatten(tree.childSnapshotList ?? [], tree.snapshot),
  ]);
}
