import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { labEnv } from "../../lab/environment";
import { LabError } from "../../lab/error";
import { labPaths } from "../../lab/paths";
import type { LabRecord } from "../../lab/record";
import { adaptStack, prepareLabStack } from "../../lab/stack";
import { removeTemporary, temporary } from "./support/temporary";

const record: LabRecord = {
  version: 1,
  ports: { etcd: 1, etcdPeer: 2, apiserver: 3, controllerManager: 4, vcenter: 20443 },
  clusterUid: "uid",
  caFingerprint: "fingerprint",
  vcenterInstanceUuid: "uuid",
  createdAt: "2026-01-01T00:00:00Z",
  settled: true,
  seeded: "1",
  deployedBy: undefined,
};

const addresses = { vcenter: "127.0.0.1:20443", etcd: "https://127.0.0.1:1" };

const committed = `# The lab.
encryptionsalt: v1:abc
config:
  # Two copies of everything.
  atom-backup:replicationFactor: 2
  atom-backup:virtualMachines:
    server: 127.0.0.1:1 # set by the lab
    nodes:
      - { name: atom-a-1, uuid: 4221a701-0000-4000-8000-00000000a001 }
  atom-backup:vcenterPassword:
    secure: v1:AAAA
  atom-backup:nodeBackups:
    etcd:
      endpoints:
        - https://127.0.0.1:2379
`;

describe("the lab's stack", () => {
  afterEach(removeTemporary);

  it("gets this lab's addresses and keeps comments, order and secrets", async () => {
    assert.equal(
      await adaptStack(committed, "stacks/Pulumi.lab.yaml", addresses),
      `# The lab.
encryptionsalt: v1:abc
config:
  # Two copies of everything.
  atom-backup:replicationFactor: 2
  atom-backup:virtualMachines:
    server: 127.0.0.1:20443 # set by the lab
    nodes:
      - { name: atom-a-1, uuid: 4221a701-0000-4000-8000-00000000a001 }
  atom-backup:vcenterPassword:
    secure: v1:AAAA
  atom-backup:nodeBackups:
    etcd:
      endpoints:
        - https://127.0.0.1:1
  atom-backup:restorePointsDir: .lab/stacks/restore-points
`,
    );
  });

  it("is refused when it is no YAML or has no machines", async () => {
    await assert.rejects(
      adaptStack("config: [", "the file", addresses),
      /^LabError: the file is not valid YAML: /,
    );
    await assert.rejects(
      adaptStack("config: {}\n", "the file", addresses),
      new LabError("the file has no atom-backup:virtualMachines with the lab's machines."),
    );
  });

  it("is copied once with its points; copies that were changed stay", async () => {
    const root = temporary();
    const points = path.join(root, "stacks", "restore-points", "lab");
    fs.mkdirSync(points, { recursive: true });
    fs.writeFileSync(path.join(root, "stacks", "Pulumi.lab.yaml"), committed);
    fs.writeFileSync(path.join(points, "example.yaml"), "name: example\nstate: planned\n");
    await prepareLabStack(root, record);
    const paths = labPaths(root);
    const copy = path.join(paths.restorePoints, "lab", "example.yaml");
    assert.match(fs.readFileSync(paths.stackFile, "utf8"), /server: 127\.0\.0\.1:20443/);
    assert.equal(fs.readFileSync(copy, "utf8"), "name: example\nstate: planned\n");

    fs.writeFileSync(copy, "name: example\nstate: ready\n");
    fs.appendFileSync(paths.stackFile, "# mine\n");
    fs.writeFileSync(path.join(points, "second.yaml"), "name: second\n");
    await prepareLabStack(root, record);
    assert.equal(fs.readFileSync(copy, "utf8"), "name: example\nstate: ready\n");
    assert.match(fs.readFileSync(paths.stackFile, "utf8"), /# mine\n$/);
    assert.deepEqual(fs.readdirSync(path.dirname(copy)).sort(), ["example.yaml", "second.yaml"]);
    assert.equal(fs.readFileSync(path.join(root, "stacks", "Pulumi.lab.yaml"), "utf8"), committed);
  });

  it("that is missing is named", async () => {
    const root = temporary();
    await assert.rejects(
      prepareLabStack(root, record),
      new LabError(
        `${root}/stacks/Pulumi.lab.yaml is missing. Restore it, for instance by \`git checkout stacks\`.`,
      ),
    );
  });

  it("is named to other tools with all they need, and no state backend", () => {
    const root = temporary();
    assert.deepEqual(labEnv(root, record), {
      KUBECONFIG: `${root}/.lab/data/kubeconfig`,
      GOVC_URL: "https://127.0.0.1:20443/sdk",
      GOVC_USERNAME: "administrator@vsphere.local",
      GOVC_PASSWORD: "atom-lab-vcenter",
      GOVC_INSECURE: "true",
      VSPHERE_SERVER: "127.0.0.1:20443",
      VSPHERE_USER: "administrator@vsphere.local",
      VSPHERE_PASSWORD: "atom-lab-vcenter",
      VSPHERE_ALLOW_UNVERIFIED_SSL: "true",
      PULUMI_CONFIG_PASSPHRASE: "atom-lab",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: "lab",
      PULUMI_OPTION_CONFIG_FILE: `${root}/.lab/stacks/Pulumi.lab.yaml`,
    });
  });
});
