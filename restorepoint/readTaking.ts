import type { ClusterClient } from "../clients/kubernetes/client";
import type { ClusterObject } from "../clients/kubernetes/object";
import { contentOf, SNAPSHOT_API, volumeSnapshotOf } from "../drift/volumeObjects";
import type { LiveContent } from "../drift/volumeObjects";
import type { LiveObject } from "../drift/types";
import type { TakeSeen } from "./judgeTaken";
import type { TakeSubject } from "./watchTake";

/** Looks between two LISTs of contents: they only say why something takes long. */
const CONTENTS_EVERY = 4;

type Lister = Pick<ClusterClient, "list">;

/** Reads what is being cut, with as few questions as the answer allows. */
export class TakeReader {
  private looks = 0;
  private contents: ReadonlyMap<string, LiveContent> = new Map();

  constructor(
    private readonly client: Lister,
    private readonly label: string,
  ) {}

  /** What is seen of each, by URN. */
  async look(subjects: readonly TakeSubject[]): Promise<ReadonlyMap<string, TakeSeen>> {
    const kinds = new Map(subjects.map((one) => [`${one.apiVersion} ${one.kind}`, one]));
    const seen = new Map<string, TakeSeen>();
    const slow = this.looks > 0 && this.looks % CONTENTS_EVERY === 0;
    this.looks += 1;
    for (const { apiVersion, kind } of kinds.values()) {
      const own = subjects.filter((one) => one.kind === kind && one.apiVersion === apiVersion);
      const found = await this.listOf(own);
      if (slow) {
        await this.readContents(apiVersion, kind);
      }
      for (const subject of own) {
        const live = found.get(`${subject.namespace}/${subject.name}`);
        seen.set(subject.urn, this.seen(subject, live));
      }
      if (kind === "VolumeGroupSnapshot") {
        await this.judgeMembers(own, seen);
      }
    }
    return seen;
  }

  private seen({ kind }: TakeSubject, live: ClusterObject | undefined): TakeSeen {
    if (live === undefined) {
      return { snapshot: undefined, content: undefined };
    }
    const snapshot = volumeSnapshotOf(live as LiveObject);
    const content = kind === "VolumeSnapshot" ? snapshot.content : groupContent(live);
    return {
      snapshot: { ...snapshot, content, deletionTimestamp: live.metadata.deletionTimestamp },
      content: this.contents.get(content),
    };
  }

  private async listOf(
    subjects: readonly TakeSubject[],
  ): Promise<ReadonlyMap<string, ClusterObject>> {
    const [first] = subjects;
    if (first === undefined) {
      return new Map();
    }
    const points = [...new Set(subjects.map(({ point }) => point))];
    const namespaces = [...new Set(subjects.map(({ namespace }) => namespace))];
    const lists = await Promise.all(
      namespaces.map((namespace) =>
        this.client.list(first.apiVersion, first.kind, {
          namespace,
          labelSelector: `${this.label} in (${points.join(",")})`,
        }),
      ),
    );
    return new Map(
      lists
        .flat()
        .map((live) => [`${live.metadata.namespace ?? ""}/${live.metadata.name}`, live] as const),
    );
  }

  private async readContents(apiVersion: string, kind: string): Promise<void> {
    const contents = await this.client.list(apiVersion, `${kind}Content`);
    const read = contents.map((one) => contentOf(one as LiveObject));
    this.contents = new Map([...this.contents, ...read.map((one) => [one.name, one] as const)]);
  }

  /**
   * A group is ready before its members' own objects are: those have to be bound, or nobody can tell which snapshot is of
   * which claim.
   */
  private async judgeMembers(
    groups: readonly TakeSubject[],
    seen: Map<string, TakeSeen>,
  ): Promise<void> {
    for (const { urn, namespace, name } of groups) {
      const one = seen.get(urn);
      if (one?.snapshot?.ready !== true) {
        continue;
      }
      const members = (await this.client.list(SNAPSHOT_API, "VolumeSnapshot", { namespace }))
        .filter((member) => groupName(member) === name || isOwned(member, name))
        .map((member) => volumeSnapshotOf(member as LiveObject));
      const whole =
        members.length > 0 &&
        members.every(({ ready, content }) => ready === true && content !== "");
      if (!whole) {
        seen.set(urn, { ...one, snapshot: { ...one.snapshot, ready: false } });
      }
    }
  }
}

function groupContent(live: ClusterObject): string {
  const { boundVolumeGroupSnapshotContentName = "" } = (live["status"] ?? {}) as {
    readonly boundVolumeGroupSnapshotContentName?: string;
  };
  return boundVolumeGroupSnapshotContentName;
}

function groupName(member: ClusterObject): string | undefined {
  const { volumeGroupSnapshotName } = (member["status"] ?? {}) as {
    readonly volumeGroupSnapshotName?: string;
  };
  return volumeGroupSnapshotName;
}

function isOwned({ metadata }: ClusterObject, group: string): boolean {
  const owners = (metadata["ownerReferences"] ?? []) as readonly {
    readonly kind?: string;
    readonly name?: string;
  }[];
  return owners.some(({ kind, name }) => kind === "VolumeGroupSnapshot" && name === group);
}
