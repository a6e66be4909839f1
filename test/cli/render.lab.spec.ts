import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { parse, parseAllDocuments } from "yaml";
import type { ClusterClient } from "../../clients/kubernetes/client";
import { resourcePath } from "../../clients/kubernetes/discovery";
import { loadEndpoint } from "../../clients/kubernetes/connect";
import { referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { Transport } from "../../clients/kubernetes/transport";
import { projectRoot } from "../../config/projectRoot";
import { stackNames } from "../../config/stackNames";
import { labPaths } from "../../lab/index";
import { planSite } from "../../planning";
import { renderManifests } from "../../site/render/manifests";
import { unattendedFiles } from "../../site/render/unattended";
import { openStack } from "../../site/stack";
import { collectDesired } from "../../site/up/reading";
import { sharedLab } from "../support/sharedLab";
import { cephSite, STRETCH_SITES } from "../support/sites";
import { moduleCrds, serveKinds } from "./support/moduleCrds";
import { definition, differences, VENDOR_KINDS, vendorsDefinitions } from "./support/vendorKinds";

/** Folder with the vendors' own definitions, where somebody has them: they are not to be had as packages. */
const VENDORS = process.env["ATOM_VENDOR_CRDS"];

/** Kinds that the program declares objects of, by the definitions that their makers publish as modules. */
const PUBLISHED = new Set([
  "backupstoragelocations.velero.io",
  "schedules.velero.io",
  "prometheusrules.monitoring.coreos.com",
]);

/** What `render` writes, tried on a real API server that keeps nothing of it. */
describe("./atom render, tried on an API server", () => {
  const brought = VENDORS === undefined ? new Map<string, never>() : vendorsDefinitions(VENDORS);
  /** Every rendered object of every stack, and a file system, which no stack declares. */
  const objects: ClusterObject[] = [];
  /** The kinds and namespaces that the lab does not have of its own. */
  const made: ClusterObject[] = [];
  let cluster: ClusterClient;
  let transport: Transport;

  before(async () => {
    const lab = await sharedLab();
    const { kubeconfig } = labPaths(lab.root);
    cluster = lab.cluster;
    transport = new Transport(await loadEndpoint({ kubeconfig }));
    await Promise.all(VENDOR_KINDS.map(serve));
    const published = await Promise.all([moduleCrds("velero"), moduleCrds("prometheus")]);
    const definitions = published.flatMap((one) => [...one.values()]);
    const declared = definitions.filter(({ metadata }) => PUBLISHED.has(metadata.name));
    await serveKinds(cluster, declared);
    made.push(...declared);
    for (const stack of stackNames(projectRoot())) {
      objects.push(...(await render(stack)));
    }
    const filesystem = cephSite(STRETCH_SITES, {
      replicationFactor: 4,
      failover: "manual",
      backendOptions: { storage: "cephfs" },
    });
    objects.push(...planSite(filesystem).companions.map(({ object }) => object as ClusterObject));
    const there = (await cluster.list("v1", "Namespace")).map(({ metadata }) => metadata.name);
    const wanted = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    for (const name of wanted) {
      if (!there.includes(name)) {
        const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
        made.push(await cluster.create(namespace, "atom-render-test"));
      }
    }
  });

  after(async () => {
    transport?.close();
    for (const reference of made.map(referenceOf)) {
      await cluster.delete(reference, undefined);
      while ((await cluster.get(reference)) !== undefined) {
        await pause(50);
      }
    }
  });

  /** Has the API server serve a vendor's kind, by the vendor's definition where it was brought. */
  async function serve(kind: (typeof VENDOR_KINDS)[number]): Promise<void> {
    const ours = definition(kind);
    const theirs = brought.get(ours.metadata.name) ?? ours;
    made.push(await cluster.create(theirs, "atom-render-test"));
    const path = `/apis/${kind.group}/${kind.version}/${kind.plural}?limit=1`;
    const action = `Listing ${kind.plural}`;
    const end = Date.now() + 20_000;
    for (;;) {
      try {
        await transport.send({ method: "GET", path, action, timeoutMs: 5_000 });
        return;
      } catch (error) {
        assert.ok(Date.now() < end, String(error));
        await pause(50);
      }
    }
  }

  async function render(stack: string): Promise<ClusterObject[]> {
    const { root, raw, site } = openStack(stack, []);
    const desired = await collectDesired(root, raw);
    const plan = planSite(site);
    const unattended = unattendedFiles({ root, plan, desired, image: "registry.example/atom:1" })
      .filter(({ file }) => /(rights|cronjob)\.yaml$/.test(file))
      .flatMap(({ text }) => parseAllDocuments(text).map((one) => one.toJS() as ClusterObject));
    const declared = renderManifests(desired).manifests.map(
      ({ text }) => parse(text) as ClusterObject,
    );
    return [...declared, ...unattended];
  }

  /** Asks the API server to take the object, defaults and all, without keeping it; undefined if it would. */
  async function refusal(object: ClusterObject): Promise<string | undefined> {
    const resource = await cluster.resource(object.apiVersion, object.kind);
    if (resource === undefined) {
      return `${object.apiVersion} ${object.kind} is not served`;
    }
    const { name, namespace } = object.metadata;
    const path = resourcePath(resource, namespace, name);
    const query = "dryRun=All&fieldManager=atom-render-test&fieldValidation=Strict&force=true";
    try {
      await transport.send({
        method: "PATCH",
        path: `${path}?${query}`,
        contentType: "application/apply-patch+yaml",
        body: object,
        action: `Trying ${object.kind} ${name}`,
        timeoutMs: 10_000,
      });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  it("accepts every object of every stack, patches and what looks unattended included", async () => {
    const refusals = await Promise.all(objects.map(refusal));
    assert.deepEqual(
      refusals.filter((one) => one !== undefined),
      [],
    );
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of [
      "StorageClass",
      "VolumeSnapshotClass",
      "VolumeGroupSnapshotClass",
      "CronJob",
    ]) {
      assert.ok(kinds.has(kind), kind);
    }
    for (const { kind } of VENDOR_KINDS) {
      assert.ok(kinds.has(kind), kind);
    }
    for (const kind of ["BackupStorageLocation", "Schedule", "PrometheusRule"]) {
      assert.ok(kinds.has(kind), kind);
    }
  });

  it("keeps none of them", async () => {
    assert.deepEqual(await cluster.list("storage.k8s.io/v1", "StorageClass"), []);
    for (const { group, version, kind } of VENDOR_KINDS) {
      assert.deepEqual(await cluster.list(`${group}/${version}`, kind), [], kind);
    }
  });

  /** An object of the kind, with the field at the path set to something else. */
  function changed(kind: string, path: readonly string[], value: unknown): ClusterObject {
    const found = objects.find((object) => object.kind === kind);
    assert.ok(found !== undefined, kind);
    const copy = structuredClone(found) as Record<string, unknown>;
    const last = path[path.length - 1] ?? "";
    const holder = path
      .slice(0, -1)
      .reduce((at, name) => at[name] as Record<string, unknown>, copy);
    holder[last] = value;
    return copy as unknown as ClusterObject;
  }

  // One field that the kind does not have, and one with a value that it does not take.
  const wrong: readonly (readonly [kind: string, path: string, value: unknown, says: RegExp])[] = [
    ["StorageClass", "parameter", {}, /\.parameter: field not declared in schema/],
    ["StorageClass", "parameters.replicas", 2, /\.parameters\.replicas: expected string/],
    ["VolumeSnapshotClass", "deletionPolicy", "Keep", /deletionPolicy: Unsupported value: "Keep"/],
    ["VolumeSnapshotClass", "drivers", "x", /\.drivers: field not declared in schema/],
    ["CephBlockPool", "spec.replicated.sizes", 4, /\.spec\.replicated\.sizes: field not declared/],
    ["CephBlockPool", "spec.replicated.size", "4", /\.spec\.replicated\.size: expected numeric/],
    ["CephFilesystem", "spec.dataPool", {}, /\.spec\.dataPool: field not declared in schema/],
    [
      "CephFilesystem",
      "spec.metadataServer.activeCount",
      0,
      /activeCount.* greater than or equal to 1/,
    ],
    ["Driver", "spec.fencing", true, /\.spec\.fencing: field not declared in schema/],
    ["Driver", "metadata.name", "rook-ceph.rbd", /Driver.* is invalid/],
    ["Schedule", "spec.template.moveData", true, /\.spec\.template\.moveData: field not declared/],
    ["BackupStorageLocation", "spec.provider", 1, /\.spec\.provider: expected string/],
    ["PrometheusRule", "spec.groups", [{ name: "" }], /groups.*name/],
    ["Setting", "setting", "x", /\.setting: field not declared in schema/],
    ["Setting", "value", false, /\.value: expected string/],
  ];
  // By its documentation Portworx registers its kind without a schema, and its definition then refuses nothing.
  const portworx: typeof wrong = [
    [
      "VolumePlacementStrategy",
      "spec.replicaSpread",
      [],
      /\.spec\.replicaSpread: field not declared/,
    ],
    [
      "VolumePlacementStrategy",
      "spec.replicaAntiAffinity",
      [{ enforcement: "hard" }],
      /enforcement: Unsupported value: "hard"/,
    ],
  ];

  const unheld = brought.has("volumeplacementstrategies.portworx.io");
  for (const [kind, path, value, says] of unheld ? wrong : [...wrong, ...portworx]) {
    it(`refuses a ${kind} with ${path}: ${JSON.stringify(value)}`, async () => {
      assert.match((await refusal(changed(kind, path.split("."), value))) ?? "accepted", says);
    });
  }

  for (const kind of VENDOR_KINDS) {
    const name = definition(kind).metadata.name;
    const theirs = brought.get(name);
    if (theirs !== undefined) {
      it(`${name} says of each declared field what the vendor's own definition says`, () => {
        const version = theirs.spec.versions.find((one) => one.name === kind.version);
        assert.deepEqual(differences(kind.schema, version?.schema.openAPIV3Schema), []);
      });
    }
  }
});
