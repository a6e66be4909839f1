import { equal, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withDeployLock } from "../../drift/lock";

describe("the lock of a deployment", () => {
  let labDir: string;

  beforeEach(() => {
    labDir = mkdtempSync(join(tmpdir(), "atom-deploy-lock-test-"));
  });

  afterEach(() => rmSync(labDir, { recursive: true, force: true }));

  it("lets one deployment through and refuses the second at once, by its process", async () => {
    await withDeployLock(labDir, async () => {
      await rejects(
        withDeployLock(labDir, () => Promise.reject(new Error("must not run"))),
        {
          name: "DeployLockedError",
          message:
            `Another deployment of this lab is running (process ${process.pid}); nothing was changed. Wait for it to ` +
            "end, then run the command again.",
        },
      );
    });
    equal(existsSync(join(labDir, "deploy.lock")), false);
  });

  it("is given back when the work fails", async () => {
    await rejects(
      withDeployLock(labDir, () => Promise.reject(new Error("broken"))),
      { message: "broken" },
    );
    equal(await withDeployLock(labDir, () => Promise.resolve(7)), 7);
  });

  it("is taken over from a process that died", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    const holder = { pid: child.pid, startTime: "1" };
    writeFileSync(join(labDir, "deploy.lock"), JSON.stringify(holder));
    equal(await withDeployLock(labDir, () => Promise.resolve(7)), 7);
  });
});
