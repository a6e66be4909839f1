import { isPassing, withRetries } from "../error";
import type { Resource, ServedKinds } from "./discovery";
import { Discovery, resourcePath } from "./discovery";
import { isAlreadyExists, isConflict, isNotFound } from "./error";
import type { ClusterObject, ObjectReference } from "./object";
import { describeObject, field, referenceOf } from "./object";
import type { ApiRequest, Endpoint } from "./transport";
import { READ_TIMEOUT_MS, Transport, WRITE_TIMEOUT_MS } from "./transport";

/** Objects of one page of a LIST; a thousand volumes are two answers and no strain on the API server. */
const PAGE = 500;

export interface ListOptions {
  /** Undefined means all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** E.g. `involvedObject.uid=…`; which fields a kind can be selected by, the API server decides. */
  readonly fieldSelector?: string | undefined;
}

/** A question to the API server about the user of the kubeconfig. */
export interface AccessQuestion {
  readonly verb: string;
  /** API group; the empty string for the core group. */
  readonly group: string;
  /** Plural name, e.g. `storageclasses`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
}

/** Something that is allowed; `*` stands for all. */
export interface AccessRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  /** Absent or empty: all objects. */
  readonly resourceNames?: readonly string[];
}

/**
 * Reads and writes objects of any kind by apiVersion and kind. Every method throws a ClusterError whose message is one
 * sentence; reads give up after 5 s.
 */
export class ClusterClient {
  readonly server: string;
  readonly context: string;
  private readonly transport: Transport;
  private readonly discovery: Discovery;

  constructor(endpoint: Endpoint) {
    this.server = endpoint.server;
    this.context = endpoint.context;
    this.transport = new Transport(endpoint);
    this.discovery = new Discovery((path, action) => this.read(path, action));
  }

  /** UID of the namespace kube-system, which is as good as a name of the cluster: it lives as long. */
  async kubeSystemUid(): Promise<string> {
    const found = await this.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
    return found?.metadata.uid ?? "";
  }

  /** The kind as it is served; undefined when it is not. */
  resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    return this.discovery.find(apiVersion, kind);
  }

  /** Versions in which a group is served, the preferred first; none when it is not. */
  servedVersions(group: string): Promise<readonly string[]> {
    return this.discovery.versions(group);
  }

  /** All kinds of the API groups that are wanted; the core group is none of them. */
  servedKinds(wanted: (group: string) => boolean): Promise<ServedKinds> {
    return this.discovery.served(wanted);
  }

  /** @throws ClusterError `notServed` when the kind is not served, or just now goes or comes with its CRD */
  async list(
    apiVersion: string,
    kind: string,
    { namespace, labelSelector, fieldSelector }: ListOptions = {},
  ): Promise<ClusterObject[]> {
    const resource = await this.discovery.require(apiVersion, kind);
    const path = resourcePath(resource, namespace);
    const found: ClusterObject[] = [];
    let next: string | undefined;
    do {
      const query = new URLSearchParams({ limit: String(PAGE) });
      const wanted = { labelSelector, fieldSelector, continue: next };
      for (const [key, value] of Object.entries(wanted)) {
        if (value !== undefined) {
          query.set(key, value);
        }
      }
      const action = `Listing ${resource.plural}`;
      const answer = (await this.read(`${path}?${query}`, action).catch((error: unknown) => {
        // Only a path that is not there answers so: discovery was ahead of the API server, or behind it.
        throw isNotFound(error) ? this.discovery.notServed(apiVersion, kind) : error;
      })) as {
        readonly metadata?: { readonly continue?: string };
        readonly items?: readonly ClusterObject[];
      };
      // Items of a list carry neither apiVersion nor kind.
      found.push(...(answer.items ?? []).map((item) => ({ ...item, apiVersion, kind })));
      next = answer.metadata?.continue;
    } while (next !== undefined && next !== "");
    return found;
  }

  /** @returns undefined when there is no such object */
  async get(reference: ObjectReference): Promise<ClusterObject | undefined> {
    const path = await this.pathOf(reference);
    try {
      return (await this.read(path, `Reading ${describeObject(reference)}`)) as ClusterObject;
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Creates an object. When an answer was lost and the object is there on the next attempt, that is the object.
   *
   * @param options.dryRun only asks whether it would be accepted
   * @throws ClusterError with reason `AlreadyExists` when it was there before
   */
  async create(
    object: ClusterObject,
    fieldManager: string,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<ClusterObject> {
    const reference = referenceOf(object);
    const resource = await this.discovery.require(object.apiVersion, object.kind);
    const path = resourcePath(resource, reference.namespace ?? "default");
    const action = `Creating ${describeObject(reference)}`;
    return withRetries(async (number) => {
      try {
        const query = `${managed(fieldManager)}${dryRun ? "&dryRun=All" : ""}`;
        return await this.write("POST", `${path}?${query}`, action, object);
      } catch (error) {
        const there = number > 1 && isAlreadyExists(error) ? await this.get(reference) : undefined;
        if (there === undefined) {
          throw error;
        }
        return there;
      }
    });
  }

  /** Server-side apply: only the given fields become those of the manager. */
  async apply(
    object: ClusterObject,
    fieldManager: string,
    options: { readonly force: boolean },
  ): Promise<ClusterObject> {
    const reference = referenceOf(object);
    const path = `${await this.pathOf(reference)}?${managed(fieldManager)}&force=${options.force}`;
    const action = `Applying ${describeObject(reference)}`;
    const type = "application/apply-patch+yaml";
    return withRetries(() => this.write("PATCH", path, action, object, type));
  }

  /**
   * Reads the object, changes it and writes it back; does so again when somebody else was faster.
   *
   * @returns undefined when there is no such object
   */
  async modify(
    reference: ObjectReference,
    fieldManager: string,
    change: (live: ClusterObject) => ClusterObject,
  ): Promise<ClusterObject | undefined> {
    const path = `${await this.pathOf(reference)}?${managed(fieldManager)}`;
    const action = `Updating ${describeObject(reference)}`;
    try {
      const attempt = async (): Promise<ClusterObject | undefined> => {
        const live = await this.get(reference);
        return live && (await this.write("PUT", path, action, change(live)));
      };
      return await withRetries(attempt, (error) => isPassing(error) || isConflict(error));
    } catch (error) {
      // It went away between the look and the write.
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Deletes the object; that it is gone already is no error.
   *
   * @param uid deletes only the object with this UID, not one that was made under the same name since
   * @param resourceVersion deletes only what was not written since
   */
  async delete(
    reference: ObjectReference,
    uid: string | undefined,
    resourceVersion?: string,
  ): Promise<void> {
    const path = await this.pathOf(reference);
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      // Gone at once; in the foreground it would wait for the garbage collector, which knows a new CRD only after a while.
      propagationPolicy: "Background",
      ...(uid === undefined ? {} : { preconditions: { uid, resourceVersion } }),
    };
    try {
      await withRetries(() =>
        this.write("DELETE", path, `Deleting ${describeObject(reference)}`, body),
      );
    } catch (error) {
      if (!isNotFound(error)) {
        throw error;
      }
    }
  }

  /** Whether the user of the kubeconfig may do something (SelfSubjectAccessReview). */
  async mayI(question: AccessQuestion): Promise<boolean> {
    const action = `Asking whether ${question.verb} ${question.resource} is allowed`;
    const answer = await this.review("Access", { resourceAttributes: question }, action);
    return field(answer, "status", "allowed") === true;
  }

  /**
   * What the user of the kubeconfig may do in a namespace (SelfSubjectRulesReview).
   *
   * @returns none where the API server does not tell, or not all of it
   */
  async myRules(namespace: string): Promise<readonly AccessRule[]> {
    const action = `Asking what is allowed in ${namespace}`;
    // Whoever gets none asks one by one, and hears what is wrong.
    const answer = await this.review("Rules", { namespace }, action).catch(() => undefined);
    const isWhole = answer !== undefined && field(answer, "status", "incomplete") !== true;
    return isWhole ? ((field(answer, "status", "resourceRules") ?? []) as AccessRule[]) : [];
  }

  private review(what: "Access" | "Rules", spec: object, action: string): Promise<ClusterObject> {
    const kind = `SelfSubject${what}Review`;
    const body = { apiVersion: "authorization.k8s.io/v1", kind, spec };
    const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
    return withRetries(() => this.write("POST", path, action, body));
  }

  /** Ends the connections that are kept. */
  async close(): Promise<void> {
    this.transport.close();
  }

  private async pathOf(reference: ObjectReference): Promise<string> {
    const resource = await this.discovery.require(reference.apiVersion, reference.kind);
    return resourcePath(resource, reference.namespace ?? "default", reference.name);
  }

  private read(path: string, action: string): Promise<unknown> {
    const request: ApiRequest = { method: "GET", path, action, timeoutMs: READ_TIMEOUT_MS };
    return withRetries(() => this.transport.send(request));
  }

  private async write(
    method: ApiRequest["method"],
    path: string,
    action: string,
    body: unknown,
    contentType = "application/json",
  ): Promise<ClusterObject> {
    const request = { method, path, body, action, contentType, timeoutMs: WRITE_TIMEOUT_MS };
    return (await this.transport.send(request)) as ClusterObject;
  }
}

function managed(fieldManager: string): string {
  return `fieldManager=${encodeURIComponent(fieldManager)}`;
}
