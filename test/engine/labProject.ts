import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentReporter } from "../support/silentReporter";
import type { Engine } from "../../engine/engine";
import { openEngine } from "../../engine/openEngine";
import { LAB_VCENTER_USER } from "../../lab/credentials";
import { labEnv, vcenterServer } from "../../lab/environment";
import { projectDir } from "../../lab/paths";
import { readLabRecord } from "../../lab/record";
import type { LabSystems } from "../support/labSystems";

/** What the project's program declares. */
export interface Declared {
  /** Copies in the parameters of the StorageClass `engine-class`; absent: it is not declared. */
  readonly replicas?: string;
  /** An annotation of that class, which changes in place. */
  readonly note?: string;
  /** BIOS UUIDs of VMs to take a snapshot of, under the component `point`. */
  readonly vms?: readonly string[];
  /** Whether those were taken: then they are protected, ignore all changes, and a hook refuses to take them anew. */
  readonly taken?: boolean;
}

const program = `
const fs = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { Provider } = require("@pulumi/kubernetes/provider");
const { StorageClass } = require("@pulumi/kubernetes/storage/v1");
const vsphere = require("@pulumi/vsphere");
const declared = JSON.parse(fs.readFileSync(__dirname + "/declared.json", "utf8"));
const config = new pulumi.Config();
fs.appendFileSync(__dirname + "/runs.txt", pulumi.runtime.isDryRun() ? "preview\\n" : "up\\n");
const cluster = new Provider("cluster", { enableServerSideApply: true });
const vcenter = new vsphere.Provider("vcenter", {
  vsphereServer: config.require("server"),
  user: config.require("user"),
  password: pulumi.secret(process.env.VSPHERE_PASSWORD),
  allowUnverifiedSsl: true,
  apiTimeout: 5,
});
if (declared.replicas !== undefined) {
  new StorageClass("class", {
    metadata: { name: "engine-class", ...(declared.note ? { annotations: { note: declared.note } } : {}) },
    provisioner: "engine.test",
    parameters: { replicas: declared.replicas },
    reclaimPolicy: "Retain",
  }, { provider: cluster, deleteBeforeReplace: true });
}
if ((declared.vms ?? []).length > 0) {
  const point = new pulumi.ComponentResource("test:Point", "point", {}, { provider: vcenter });
  const once = new pulumi.ResourceHook("once", () => { throw new Error("was taken and is gone"); }, { onDryRun: true });
  for (const uuid of declared.vms) {
    new vsphere.VirtualMachineSnapshot("vm-" + uuid, {
      virtualMachineUuid: uuid,
      snapshotName: "engine.test",
      description: "engine test",
      memory: false,
      quiesce: false,
      removeChildren: false,
    }, {
      parent: point,
      protect: true,
      retainOnDelete: true,
      ...(declared.taken ? { ignoreChanges: ["*"], hooks: { beforeCreate: [once] } } : {}),
    });
  }
}
`;

/** The engine for a project in `root`, deploying to the lab of the folder `lab`. */
export function openLabEngine(root: string, lab: string): Promise<Engine> {
  const record = readLabRecord(lab);
  if (record === undefined) {
    throw new Error(`there is no lab in ${lab}`);
  }
  const env = { ...process.env, ...labEnv(lab, record) };
  return openEngine({ root, stack: "lab", env, reporter: silentReporter });
}

/** A project of a few resources beside the real one, deployed to a lab through the real engine. */
export class LabProject {
  private constructor(
    readonly root: string,
    readonly engine: Engine,
    /** The operator's stack file. */
    readonly file: string,
  ) {}

  /** The stack is `lab`, and nothing is deployed. */
  static async create(lab: LabSystems): Promise<LabProject> {
    const root = mkdtempSync(join(tmpdir(), "atom-engine-test-"));
    mkdirSync(join(root, ".pulumi-state"));
    mkdirSync(join(root, "stacks"));
    symlinkSync(join(projectDir(), "node_modules"), join(root, "node_modules"));
    writeFileSync(join(root, "program.js"), program);
    writeFileSync(
      join(root, "Pulumi.yaml"),
      "name: engine-test\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: program.js\n" +
        "stackConfigDir: stacks\nbackend:\n  url: file://./.pulumi-state?metadata=skip\n",
    );
    const file = join(root, "stacks", "Pulumi.lab.yaml");
    writeFileSync(
      file,
      `# kept\nconfig:\n  engine-test:server: ${vcenterServer(lab.record)}\n  engine-test:user: ${LAB_VCENTER_USER}\n` +
        '  engine-test:list: [a,  "2"]\n',
    );
    const engine = await openLabEngine(root, lab.root);
    return new LabProject(root, engine, file);
  }

  /** A run's file and update plan, on a copy of the stack file. */
  copy(): { file: string; plan: string } {
    const file = join(this.root, "copy.yaml");
    copyFileSync(this.file, file);
    return { file, plan: join(this.root, "plan.json") };
  }

  /** How often the program ran since this was asked last. */
  runs(): number {
    const path = join(this.root, "runs.txt");
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
    rmSync(path, { force: true });
    return lines;
  }

  declare(declared: Declared): void {
    writeFileSync(join(this.root, "declared.json"), JSON.stringify(declared));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
