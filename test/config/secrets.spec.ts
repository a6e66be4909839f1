import assert from "node:assert/strict";
import { join } from "node:path";

import { openSecret, passphraseOf, SecretError } from "../../config/secrets";
import { inProject } from "./fixture";

// Each derived key takes about a third of a second, on purpose of the format.

const sealed = {
  file: "stacks/Pulumi.lab.yaml",
  encryptionSalt: "v1:cKqOcv6lfMw=:v1:nG8oBZ75C4445Qan:XqoJBwSPpKs9eKKQRp4K+KwqeZJErA==",
  secretsProvider: undefined,
  secrets: {
    vcenterPassword: "v1:UaSfakR2AiayvkMw:kUEymmSO7XeYFSPASjhwzKmb4/5hNH53FvNQdiv2jbQ=",
  },
};
const none = { ...sealed, secrets: {} };
const phrase = { PULUMI_CONFIG_PASSPHRASE: "atom-lab" };

const open = (file: Parameters<typeof openSecret>[0], env: Record<string, string>) =>
  openSecret(file, "vcenterPassword", env);

describe("a secret of a stack file", function () {
  this.timeout(20_000);

  it("is opened with the passphrase, from the variable or its file", async () => {
    await inProject({ phrase: "atom-lab\n" }, async (root) => {
      const file = { PULUMI_CONFIG_PASSPHRASE_FILE: join(root, "phrase") };
      assert.deepEqual(await open(sealed, phrase), {
        known: "atom-lab-vcenter",
      });
      assert.deepEqual(await open(sealed, file), {
        known: "atom-lab-vcenter",
      });
    });
  });

  it("is opened where the Pulumi CLI sealed it", async () => {
    // Written by `pulumi config set --secret` (CLI 3.259) into a copy of the lab's stack file.
    const secrets = { vcenterPassword: "v1:a+oXKqXgsQm7c2dM:HoPlcuYQdcijGmtoqfPkwM93qTOJR4YH" };
    const opened = await open({ ...sealed, secrets }, phrase);
    assert.deepEqual(opened, { known: "canary-1" });
  });

  it("is opened with an empty passphrase as well", async () => {
    const encryptionSalt = "v1:V2k73KYJDA4=:v1:r5WvrkWTIJeJgrpu:f6L8ZWKkaVeTFxtTMRWt6sS/mMtAzA==";
    const secrets = {
      vcenterPassword: "v1:kYYi7KqAE9phv8Hg:ABqSUGNMhhUbU2Aho0WOV4lCnI6hRgISHlqaag==",
    };
    const env = { PULUMI_CONFIG_PASSPHRASE: "" };
    const empty = { ...sealed, encryptionSalt, secrets };
    assert.deepEqual(await open(empty, env), { known: "pässword: 1" });
  });

  it("says that the passphrase is wrong, whatever else is given", async () => {
    const env = { PULUMI_CONFIG_PASSPHRASE: "other", VSPHERE_PASSWORD: "secret" };
    await assert.rejects(
      open(sealed, env),
      new SecretError(
        "The passphrase is not that of stacks/Pulumi.lab.yaml: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one it was sealed with",
      ),
    );
  });

  it("says that a value was damaged or comes from another file", async () => {
    const secrets = { vcenterPassword: sealed.secrets.vcenterPassword.replace("kUEy", "kUEz") };
    await assert.rejects(
      open({ ...sealed, secrets }, phrase),
      new SecretError(
        "vcenterPassword cannot be opened: it was sealed for another stack file or damaged. Set it again with pulumi config set --secret vcenterPassword",
      ),
    );
    await assert.rejects(
      open({ ...sealed, encryptionSalt: "v2:x" }, phrase),
      new SecretError(
        "stacks/Pulumi.lab.yaml: encryptionsalt has a form that is not known here; restore it from version control",
      ),
    );
  });

  it("is taken from its own variable where the file cannot give it", async () => {
    await inProject({ password: "from-file\n" }, async (root) => {
      const variable = { VSPHERE_PASSWORD: "from-variable" };
      const file = { VSPHERE_PASSWORD_FILE: join(root, "password") };
      const cloud = { ...sealed, encryptionSalt: undefined, secretsProvider: "awskms://key" };
      assert.deepEqual(await open(none, variable), {
        known: "from-variable",
      });
      assert.deepEqual(await open(sealed, file), { known: "from-file" });
      assert.deepEqual(await open(cloud, { ...phrase, ...variable }), {
        known: "from-variable",
      });
    });
  });

  it("says why it is unknown", async () => {
    const cloud = { ...sealed, encryptionSalt: undefined, secretsProvider: "awskms://key" };
    assert.deepEqual(await open(sealed, {}), {
      unknown:
        "vcenterPassword of stacks/Pulumi.lab.yaml is sealed: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE",
    });
    assert.deepEqual(await open(none, {}), {
      unknown:
        "stacks/Pulumi.lab.yaml has no vcenterPassword: set it with pulumi config set --secret vcenterPassword, or set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE",
    });
    assert.deepEqual(await open(cloud, phrase), {
      unknown:
        "vcenterPassword of stacks/Pulumi.lab.yaml is sealed by its secrets provider, which only the Pulumi CLI opens: set VSPHERE_PASSWORD or VSPHERE_PASSWORD_FILE",
    });
  });

  it("names the file that a variable names and that is not there", async () => {
    await assert.rejects(
      open(none, { VSPHERE_PASSWORD_FILE: "/none" }),
      new SecretError("VSPHERE_PASSWORD_FILE names /none, which cannot be read"),
    );
    assert.equal(passphraseOf({ PULUMI_CONFIG_PASSPHRASE_FILE: "" }), undefined);
  });
});
