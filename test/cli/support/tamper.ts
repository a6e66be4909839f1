import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { referenceOf, type ClusterObject } from "../../../clients/kubernetes/object";
import type { ObjectReference } from "../../../clients/kubernetes/object";
import type { VcenterClient } from "../../../clients/vcenter/client";
import { runTask } from "../../../clients/vcenter/task";
import { children, referenceAt, referenceInput, textOf } from "../../../clients/vcenter/xml";
import type { Reference, XmlInput } from "../../../clients/vcenter/xml";
import type { JsonValue } from "../../../config/rawConfiguration";
import { withLabApi } from "../../../lab/access";
import type { Finding } from "../../../drift/types";
import type { VmFixture } from "../../support/labSystems";
import type { AtomRun, Checkout } from "./checkout";
import { withKubeconfig } from "./leastRights";
import type { PointLab } from "./pointLab";

/** A lab that is tampered with. */
export interface TamperLab {
  readonly checkout: Checkout;
  readonly root: string;
  /** An administrator's clients. */
  readonly cluster: ClusterClient;
  readonly vcenter: VcenterClient;
  /** Name of the VM snapshots of the point that holds all storage VMs. */
  readonly snapshot: string;
  fixtures(vms: readonly VmFixture[]): Promise<void>;
  /** Undefined where the lab has no data plane. */
  readonly points?: PointLab;
  /** Kubeconfig that `drift` runs with (from `lookerKubeconfig`); undefined: the lab's own, which may do everything. */
  readonly looker?: string | undefined;
  /** Changes the lab's copy of its stack file. */
  edit(path: readonly string[], value: JsonValue): void;
}

/** Puts right what was tampered with. */
export type Undo = () => Promise<unknown>;

/** A real change of a live system or of the operator's files, and exactly what `drift` has to say of it. */
export interface Tampering {
  readonly title: string;
  /** Part of every gate, on a lab without a data plane. */
  readonly gate?: true;
  readonly make: (lab: TamperLab) => Promise<Undo>;
  /** Of each finding: kind, object and, behind a bar, the paths of its fields. */
  readonly finds: readonly string[] | ((lab: TamperLab) => readonly string[]);
}

/** What a run of `drift` says. */
export interface Told {
  readonly status: number | null;
  readonly findings: readonly string[];
  readonly all: readonly Finding[];
}

/** Runs `drift`. @param args more options */
export async function lookAt(
  { checkout, root, looker }: TamperLab,
  ...args: readonly string[]
): Promise<Told> {
  const look = () => checkout.atom(["drift", "--json", ...args]);
  return toldBy(await (looker === undefined ? look() : withKubeconfig(root, looker, look)));
}

function toldBy({ status, stdout, stderr }: AtomRun): Told {
  if (stdout === "") {
    throw new Error(`drift says nothing and exits ${status}: ${stderr}`);
  }
  const { findings: all } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  const findings = all
    .filter(({ kind }) => kind !== "same")
    .map(({ kind, object, changes }) =>
      [`${kind} ${object}`, ...changes.map(({ path }) => path)].join(" | "),
    );
  return { status, findings, all };
}

export const ref = (apiVersion: string, kind: string, name: string): ObjectReference => ({
  apiVersion,
  kind,
  name,
});

type Change = (live: ClusterObject) => object;

/** Changes an object until it is put back. */
export function changed(reference: ObjectReference, change: Change): Tampering["make"] {
  return async ({ cluster }) => {
    const before = await there(cluster, reference);
    await cluster.modify(reference, "test", (live) => ({ ...live, ...change(live) }));
    return () =>
      cluster.modify(reference, "test", ({ metadata: { resourceVersion } }) => ({
        ...before,
        metadata: { ...before.metadata, resourceVersion },
      }));
  };
}

/** Changes what is said of an object until that is put back. */
export function changedStatus(reference: ObjectReference, change: Change): Tampering["make"] {
  return async (lab) => {
    const before = await there(lab.cluster, reference);
    await setStatus(lab, before, { ...(before["status"] as object), ...change(before) });
    return () => setStatus(lab, before, before["status"]);
  };
}

/** Says all of an object that is said of it; what is not said any more goes. */
export async function setStatus(
  { root }: Pick<TamperLab, "root">,
  { apiVersion, kind, metadata: { name, namespace } }: ClusterObject,
  status: unknown,
): Promise<void> {
  const api = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const place = namespace === undefined ? "" : `namespaces/${namespace}/`;
  const path = `/${api}/${place}${kind.toLowerCase()}s/${name}/status`;
  const body = JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, status });
  await withLabApi(root, (lab) => lab.apply(path, body));
}

/** What is said of a node that is not heard of any more. */
export function silentFor(seconds: number): object {
  const lastTransitionTime = new Date(Date.now() - seconds * 1000).toISOString();
  return { conditions: [{ type: "Ready", status: "Unknown", lastTransitionTime }] };
}

/** Deletes an object, and makes it anew afterwards. @param change made anew at once, with that */
export function removed(reference: ObjectReference, change?: Change): Tampering["make"] {
  return async ({ cluster }) => {
    const before = plain(await there(cluster, reference));
    await gone(cluster, reference);
    if (change !== undefined) {
      await cluster.create({ ...before, ...change(before) }, "test");
    }
    return async () => {
      await gone(cluster, reference);
      await cluster.create(before, "test");
    };
  };
}

/** Makes an object until the end. */
export function posted(object: ClusterObject): Tampering["make"] {
  return async ({ cluster }) => {
    await cluster.create(object, "test");
    return () => gone(cluster, referenceOf(object));
  };
}

export async function there(cluster: ClusterClient, reference: ObjectReference) {
  const live = await cluster.get(reference);
  if (live === undefined) {
    throw new Error(`there is no ${reference.kind} ${reference.name}`);
  }
  return live;
}

/** Deletes an object whoever holds it. */
export async function gone(cluster: ClusterClient, reference: ObjectReference): Promise<void> {
  await cluster.modify(
    reference,
    "test",
    ({ metadata, ...live }) =>
      ({
        ...live,
        metadata: { ...metadata, finalizers: [] },
      }) as ClusterObject,
  );
  await cluster.delete(reference, undefined);
  while ((await cluster.get(reference)) !== undefined) {
    await pause(50);
  }
}

/** What an object is made anew from. */
export function plain({ metadata, status: _, ...object }: ClusterObject): ClusterObject {
  const { name, namespace, labels, annotations, finalizers } = metadata;
  return {
    ...object,
    metadata: { name, namespace, labels, annotations, finalizers },
  } as ClusterObject;
}

/** An inventory object of vCenter by its type and name. */
export async function managed(
  vcenter: VcenterClient,
  type: string,
  name: string,
): Promise<Reference> {
  const action = `Looking for ${name}`;
  const input = {
    container: referenceInput(await vcenter.manager("rootFolder")),
    type,
    recursive: true,
  };
  const [made] = await vcenter.call(
    "CreateContainerView",
    await vcenter.manager("viewManager"),
    input,
    action,
  );
  const selectSet = {
    "@xsi:type": "TraversalSpec",
    type: "ContainerView",
    path: "view",
    skip: false,
  };
  const specSet = {
    propSet: { type, pathSet: ["name"] },
    objectSet: { obj: referenceInput(referenceAt(made)), skip: true, selectSet },
  };
  const request = { specSet, options: {} };
  const collector = await vcenter.manager("propertyCollector");
  const [page] = await vcenter.call("RetrievePropertiesEx", collector, request, action);
  const found = children(page, "objects").find((one) =>
    children(one, "propSet").some((property) => textOf(property, "val") === name),
  );
  if (found === undefined) {
    throw new Error(`no ${type} ${name}`);
  }
  return referenceAt(found, "obj");
}

/** Runs a task on a VM by its name. */
export async function task(
  vcenter: VcenterClient,
  vm: string,
  method: string,
  input: XmlInput,
): Promise<void> {
  const target = await managed(vcenter, "VirtualMachine", vm);
  await runTask(vcenter, [method, target, input], `${method} of ${vm}`, { timeoutMs: 60_000 });
}
