import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabApi } from "../../lab/api";
import { makeCertificate } from "../../lab/certificate";
import { dataPaths } from "../../lab/dataPaths";
import { kubernetesVersion } from "../../lab/versions";
import { labEnv } from "../../lab/environment";
import { LAB_CSI_DRIVER, LAB_NODES, LAB_STORAGE_NODES } from "../../lab/inventory";
import { labPaths, projectDir } from "../../lab/paths";
import { commandLine } from "../../lab/processes";
import type { LabRecord } from "../../lab/record";
import { adminToken } from "../../lab/serviceFiles";
import { apiOf } from "./support/cluster";
import { pidsOf } from "./support/labs";
import { sharedLab } from "../support/sharedLab";

interface Thing {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

describe("the lab's cluster", () => {
  let root: string;
  let record: LabRecord;

  async function get(path: string): Promise<{ status: number; body: Thing & { items: Thing[] } }> {
    return await apiOf(root, record, async (api) => {
      const { status, text } = await api.get(path);
      return { status, body: JSON.parse(text) as Thing & { items: Thing[] } };
    });
  }

  before(async () => {
    ({ root, record } = await sharedLab());
  });

  it("has the nodes of three sites, ready, tied to their machines", async () => {
    const { body } = await get("/api/v1/nodes");
    const seen = body.items.map(({ metadata, spec, status }) => {
      const { conditions, nodeInfo } = status as {
        conditions: { type: string; status: string }[];
        nodeInfo: { systemUUID: string };
      };
      return [
        metadata.name,
        metadata.labels?.["topology.kubernetes.io/zone"],
        metadata.labels?.["kubernetes.io/hostname"],
        spec?.["providerID"],
        nodeInfo.systemUUID,
        conditions.find(({ type }) => type === "Ready")?.status,
      ].join(" ");
    });
    assert.deepEqual(
      seen.sort(),
      LAB_NODES.map(
        ({ name, site, uuid }) => `${name} ${site} ${name} vsphere://${uuid} ${uuid} True`,
      ).sort(),
    );
  });

  it("has the lab's CSI driver on the storage nodes and no other", async () => {
    const drivers = await get("/apis/storage.k8s.io/v1/csidrivers");
    assert.deepEqual(
      drivers.body.items.map(({ metadata }) => metadata.name),
      [LAB_CSI_DRIVER],
    );
    const nodes = await get("/apis/storage.k8s.io/v1/csinodes");
    assert.deepEqual(
      nodes.body.items.map(({ metadata }) => metadata.name).sort(),
      LAB_STORAGE_NODES.map(({ name }) => name).sort(),
    );
  });

  it("serves the snapshot kinds and holds none of their objects, nor a storage class", async () => {
    for (const path of [
      "/apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses",
      "/apis/snapshot.storage.k8s.io/v1/volumesnapshots",
      "/apis/snapshot.storage.k8s.io/v1/volumesnapshotcontents",
      "/apis/groupsnapshot.storage.k8s.io/v1/volumegroupsnapshotclasses",
      "/apis/storage.k8s.io/v1/storageclasses",
    ]) {
      const { status, body } = await get(path);
      assert.deepEqual([path, status, body.items], [path, 200, []]);
    }
  });

  it("says its true version, which clients parse", async () => {
    await apiOf(root, record, async (api) => {
      const version = JSON.parse((await api.get("/version")).text) as Record<string, string>;
      const pinned = kubernetesVersion(projectDir());
      assert.equal(version["gitVersion"], pinned);
      assert.match(version["minor"] ?? "", /^\d+$/);
    });
  });

  it("binds a claim to its volume, so that the controllers work", async () => {
    await apiOf(root, record, async (api) => {
      await api.apply("/api/v1/persistentvolumes/bound", JSON.stringify(volume()));
      await api.apply(
        "/api/v1/namespaces/default/persistentvolumeclaims/bound",
        JSON.stringify(claim()),
      );
      assert.equal(await phase(api, "Bound"), "Bound");
      await api.delete("/api/v1/namespaces/default/persistentvolumeclaims/bound");
      await api.delete("/api/v1/persistentvolumes/bound");
    });
  });

  it("is recorded by what identifies it", async () => {
    const { body } = await get("/api/v1/namespaces/kube-system");
    assert.equal(record.clusterUid, body.metadata.uid);
    assert.match(record.caFingerprint ?? "", /^[0-9a-f]{64}$/);
  });

  it("lets nobody in without the token, which no argument and no open file shows", async () => {
    const token = adminToken(labPaths(root));
    for (const pid of Object.values(pidsOf(root, record)).flat()) {
      assert.ok(!commandLine(pid).join(" ").includes(token));
    }
    const { lab } = labPaths(root);
    for (const entry of fs.readdirSync(lab, { recursive: true, withFileTypes: true })) {
      const file = `${entry.parentPath}/${entry.name}`;
      if (entry.isFile() && fs.readFileSync(file, "utf8").includes(token)) {
        assert.equal(fs.statSync(file).mode & 0o077, 0, file);
      }
    }
    assert.ok(fs.readFileSync(labEnv(root, record)["KUBECONFIG"] ?? "", "utf8").includes(token));
  });

  it("lets nobody write to etcd, nor speak as one of its peers, without the key", async () => {
    const { etcdCertificate, etcdKey } = dataPaths(labPaths(root));
    const { etcd, etcdPeer } = record.ports;
    const holder = { cert: fs.readFileSync(etcdCertificate), key: fs.readFileSync(etcdKey) };
    const other = makeCertificate("atom lab etcd");
    const stranger = { cert: other.certificate, key: other.key };
    for (const [port, path, body] of [
      [etcd, "/v3/kv/put", JSON.stringify({ key: btoa("/intruder"), value: btoa("x") })],
      [etcdPeer, "/members", undefined],
    ] as const) {
      const answer = (options: https.RequestOptions): Promise<number | "refused"> =>
        statusOf({ ...options, port, path }, body);
      assert.deepEqual(
        [await answer({}), await answer(stranger), await answer({ protocol: "http:" })],
        ["refused", "refused", "refused"],
        path,
      );
      assert.equal(await answer(holder), 200, path);
    }
  });
});

/** Status of the answer to a request, a POST if it has a body. */
async function statusOf(
  options: https.RequestOptions,
  body: string | undefined,
): Promise<number | "refused"> {
  const { request } = options.protocol === "http:" ? http : https;
  return await new Promise((resolve) => {
    const method = body === undefined ? "GET" : "POST";
    request(
      { ...options, host: "127.0.0.1", method, rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 400 ? "refused" : (response.statusCode ?? 0));
      },
    )
      .once("error", () => resolve("refused"))
      .end(body);
  });
}

async function phase(api: LabApi, wanted: string): Promise<string> {
  let seen = "";
  for (let tries = 0; tries < 200 && seen !== wanted; tries++) {
    const { text } = await api.get("/api/v1/namespaces/default/persistentvolumeclaims/bound");
    seen = (JSON.parse(text) as { status: { phase: string } }).status.phase;
    await sleep(50);
  }
  return seen;
}

function volume() {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "bound" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "by-hand",
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: LAB_CSI_DRIVER, volumeHandle: "volume-1" },
    },
  };
}

function claim() {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "bound" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "by-hand",
      resources: { requests: { storage: "1Gi" } },
    },
  };
}
