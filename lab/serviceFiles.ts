import {
  X509Certificate,
  createHash,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
} from "node:crypto";
import * as fs from "node:fs";
import { makeCertificate } from "./certificate";
import { dataPaths } from "./dataPaths";
import { LabError } from "./error";
import { makeDir, readIfThere, readOrWrite, writeFile } from "./files";
import { LAB_NODES } from "./inventory";
import type { LabPaths } from "./paths";
import type { LabPorts } from "./record";

/** Writes what etcd and the API server need before they start. Existing keys and tokens stay. */
export function prepareCluster(paths: LabPaths): void {
  const data = dataPaths(paths);
  makeDir(data.etcd);
  // etcd refuses or warns about a folder that others may enter.
  fs.chmodSync(data.etcd, 0o700);
  makeDir(data.apiserver);
  // The certificate is written last: where it is, its key is.
  if (!fs.existsSync(data.etcdCertificate)) {
    const { certificate, key } = makeCertificate("atom lab etcd");
    writeFile(data.etcdKey, key);
    writeFile(data.etcdCertificate, certificate);
  }
  adminToken(paths);
  readOrWrite(data.serviceAccountKey, () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return privateKey.export({ type: "sec1", format: "pem" }).toString();
  });
  // Killed between the two files, the API server would refuse to start with one of them.
  if (fs.existsSync(data.serverCertificate) !== fs.existsSync(data.serverKey)) {
    fs.rmSync(data.serverCertificate, { force: true });
    fs.rmSync(data.serverKey, { force: true });
  }
}

/** Token of the lab's administrator. */
export function adminToken(paths: LabPaths): string {
  const line = readOrWrite(
    dataPaths(paths).tokens,
    () => `${randomBytes(24).toString("hex")},atom-lab-admin,atom-lab-admin,"system:masters"\n`,
  );
  return line.slice(0, line.indexOf(","));
}

/** CA certificate (PEM) of the API server, which is there once it was up. */
export function clusterCa(paths: LabPaths): string {
  const file = dataPaths(paths).serverCertificate;
  const certificates =
    readIfThere(file)?.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n?/g) ?? [];
  const ca = certificates.find((pem) => new X509Certificate(pem).ca);
  if (ca === undefined) {
    throw new LabError(
      `${file} carries no CA certificate. Run \`./atom lab down\`, then start again.`,
    );
  }
  return ca;
}

/** SHA-256 of a certificate (PEM), hexadecimal in lower case. */
export function fingerprint(pem: string): string {
  return createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
}

/** Writes the kubeconfigs of the person, of the controller manager and of the data plane. */
export function writeKubeconfigs(paths: LabPaths, ports: LabPorts): void {
  const text = kubeconfig(ports.apiserver, clusterCa(paths), adminToken(paths));
  const { controllerManagerConfig, dataPlaneConfig } = dataPaths(paths);
  for (const file of [paths.kubeconfig, controllerManagerConfig, dataPlaneConfig]) {
    if (readIfThere(file) !== text) {
      writeFile(file, text);
    }
  }
}

/** A kubeconfig (JSON, which is YAML too) with the one context `atom-lab`. */
function kubeconfig(port: number, ca: string, token: string): string {
  const name = "atom-lab";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": Buffer.from(ca).toString("base64"),
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** vCenter's identity as an earlier start left it, or a new one. */
export function vcenterIdentity(paths: LabPaths): string {
  const text = readIfThere(dataPaths(paths).inventory);
  const known: unknown = text === undefined ? undefined : JSON.parse(text);
  return typeof known === "object" &&
    known !== null &&
    "instanceUuid" in known &&
    typeof known.instanceUuid === "string"
    ? known.instanceUuid
    : randomUUID();
}

/** Writes what the simulator needs before it starts. */
export function prepareVcenter(paths: LabPaths, instanceUuid: string): void {
  const inventory = { instanceUuid, datacenter: "atom", machines: LAB_NODES };
  writeFile(dataPaths(paths).inventory, `${JSON.stringify(inventory, null, 2)}\n`);
}
