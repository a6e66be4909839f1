import { ClusterError, isNotFound } from "./error";

/** A kind as the API server serves it. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Name in paths and permissions, e.g. `storageclasses`. */
  readonly plural: string;
  /** API group; the empty string for the core group. */
  readonly group: string;
  readonly namespaced: boolean;
  /** What may be done with it, e.g. `list`. */
  readonly verbs: readonly string[];
}

/** All kinds of some API groups, each in one version only. */
export interface ServedKinds {
  /** Each in the version that the API server prefers among those that have it. */
  readonly kinds: readonly Resource[];
  /** Group versions that are served but did not say what they hold, e.g. of an extension API server that is down. */
  readonly unread: readonly { readonly apiVersion: string; readonly error: ClusterError }[];
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs?: readonly string[];
}

interface ApiGroup {
  readonly name?: string;
  readonly versions?: readonly { readonly version: string }[];
  readonly preferredVersion?: { readonly version: string };
}

/** Knows by which names the API server serves its kinds; each group version is asked for once. */
export class Discovery {
  private readonly known = new Map<string, Promise<readonly Resource[]>>();

  /** @param get reads a path; `action` says for errors what is tried */
  constructor(private readonly get: (path: string, action: string) => Promise<unknown>) {}

  /** @returns undefined when the API server does not serve the kind in that version */
  async find(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const resources = await this.resourcesOf(apiVersion);
    const found = resources.find((resource) => resource.kind === kind);
    if (found === undefined) {
      // Its CRD may be installed next, beside others of the group that are known already.
      this.known.delete(apiVersion);
    }
    return found;
  }

  /** @throws ClusterError `notServed` when the API server does not serve the kind in that version */
  async require(apiVersion: string, kind: string): Promise<Resource> {
    const found = await this.find(apiVersion, kind);
    if (found === undefined) {
      throw this.notServed(apiVersion, kind);
    }
    return found;
  }

  /** The error for a kind that is not there, which is asked for anew next time. */
  notServed(apiVersion: string, kind: string): ClusterError {
    this.known.delete(apiVersion);
    const message = `The API server does not serve ${kind} of ${apiVersion}: its CRD is not installed.`;
    return new ClusterError("notServed", message);
  }

  /** Versions in which a group is served, the preferred first; none when it is not. */
  async versions(group: string): Promise<readonly string[]> {
    const answer = await this.read<ApiGroup>(`/apis/${group}`, `Asking for the API group ${group}`);
    return (answer?.versions ?? []).map(({ version }) => version);
  }

  /**
   * All kinds of the groups that are wanted.
   *
   * @throws ClusterError when the list of groups cannot be read
   */
  async served(wanted: (group: string) => boolean): Promise<ServedKinds> {
    const answer = await this.read<{ readonly groups?: readonly ApiGroup[] }>(
      "/apis",
      "Asking for the API groups",
    );
    const groups = (answer?.groups ?? []).filter(({ name = "" }) => wanted(name));
    const read = await Promise.all(groups.map((group) => this.kindsOf(group)));
    return {
      kinds: read.flatMap(({ kinds }) => kinds),
      unread: read.flatMap(({ unread }) => unread),
    };
  }

  private async kindsOf({
    name = "",
    versions = [],
    preferredVersion,
  }: ApiGroup): Promise<ServedKinds> {
    const preferred = preferredVersion?.version;
    const inOrder = versions
      .map(({ version }) => version)
      .sort((one, other) => Number(other === preferred) - Number(one === preferred));
    const kinds = new Map<string, Resource>();
    const unread: { readonly apiVersion: string; readonly error: ClusterError }[] = [];
    for (const version of inOrder) {
      const apiVersion = `${name}/${version}`;
      try {
        for (const resource of await this.resourcesOf(apiVersion)) {
          kinds.set(resource.kind, kinds.get(resource.kind) ?? resource);
        }
      } catch (error) {
        // A server that does not answer at all is no gap in a list but the end of it.
        if (!(error instanceof ClusterError) || error.failure !== "answer") {
          throw error;
        }
        unread.push({ apiVersion, error });
      }
    }
    return { kinds: [...kinds.values()], unread };
  }

  private resourcesOf(apiVersion: string): Promise<readonly Resource[]> {
    const known = this.known.get(apiVersion) ?? this.load(apiVersion);
    this.known.set(apiVersion, known);
    // A failure, or a CRD that may be installed next, must not stay.
    known.then(
      (resources) => resources.length === 0 && this.known.delete(apiVersion),
      () => this.known.delete(apiVersion),
    );
    return known;
  }

  private async load(apiVersion: string): Promise<readonly Resource[]> {
    const answer = await this.read<{ readonly resources?: readonly ApiResource[] }>(
      basePath(apiVersion),
      `Asking for the kinds of ${apiVersion}`,
    );
    const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
    return (answer?.resources ?? [])
      .filter(({ name }) => !name.includes("/"))
      .map(({ name, kind, namespaced, verbs = [] }) => {
        return { apiVersion, kind, plural: name, group, namespaced, verbs };
      });
  }

  private async read<T>(path: string, action: string): Promise<T | undefined> {
    try {
      return (await this.get(path, action)) as T;
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

/** Path of a group version. */
function basePath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of a collection, or of one object when a name is given. */
export function resourcePath(
  resource: Resource,
  namespace: string | undefined,
  name?: string,
): string {
  const { apiVersion, plural, namespaced } = resource;
  const inside = namespaced && namespace !== undefined;
  const parts = [
    ...(inside ? ["namespaces", encodeURIComponent(namespace)] : []),
    plural,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
  ];
  return `${basePath(apiVersion)}/${parts.join("/")}`;
}
