import { createDecipheriv, pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import type { StackFile } from "./stackFile";

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that was opened, or why it could not be. */
export type Secret = { readonly known: string } | { readonly unknown: string };

/** A secret that cannot be opened with what was given, e.g. with a wrong passphrase; never holds the secret. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

// The format of Pulumi's passphrase provider, its only version: AES-256-GCM, the key by PBKDF2 with SHA-256.
const version = "v1";
const rounds = 1_000_000;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** What the state of the provider holds sealed, so that a wrong passphrase shows. */
const checkText = "pulumi";

/** Variables that hold a secret where the stack file does not, by key; `_FILE` beside them names a file. */
const variables: Readonly<Record<string, string>> = { vcenterPassword: "VSPHERE_PASSWORD" };

/**
 * Opens a secret of a stack file: with the passphrase when this provider sealed it, else from the key's own variable.
 * Deriving the key takes about a third of a second, beside this thread, so this is called only where the secret is needed.
 *
 * @throws SecretError for a wrong passphrase, a damaged value, or a file that a variable names and that is not there.
 */
export async function openSecret(
  stackFile: Pick<StackFile, "file" | "secrets" | "encryptionSalt" | "secretsProvider">,
  key: string,
  env: Environment = process.env,
): Promise<Secret> {
  const sealed = stackFile.secrets[key];
  const other = stackFile.secretsProvider ?? "passphrase";
  const phrase = other === "passphrase" ? passphraseOf(env) : undefined;
  if (sealed !== undefined && stackFile.encryptionSalt !== undefined && phrase !== undefined) {
    const derived = await keyFor(phrase, stackFile.encryptionSalt, stackFile.file);
    const clear = tryOpen(sealed, derived);
    if (clear === undefined) {
      throw new SecretError(
        `${key} cannot be opened: it was sealed for another stack file or damaged. Set it again with pulumi config set --secret ${key}`,
      );
    }
    return { known: clear };
  }
  const variable = variables[key];
  const given = variable && (env[variable] || fromFile(env, variable));
  if (given !== undefined) {
    return { known: given };
  }
  return { unknown: whyNot(stackFile, key, sealed, phrase, variable) };
}

const PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE";

/** The passphrase that the environment gives; an empty one counts, as it does for the engine. */
export function passphraseOf(env: Environment): string | undefined {
  return env[PASSPHRASE] ?? fromFile(env, PASSPHRASE);
}

async function keyFor(passphrase: string, encryptionSalt: string, file: string): Promise<Buffer> {
  const [found, salt, ...check] = encryptionSalt.split(":");
  if (found !== version || salt === undefined || check.length !== 3) {
    throw new SecretError(
      `${file}: encryptionsalt has a form that is not known here; restore it from version control`,
    );
  }
  const bytes = Buffer.from(salt, "base64");
  const key = await promisify(pbkdf2)(passphrase, bytes, rounds, keyBytes, "sha256");
  if (tryOpen(check.join(":"), key) !== checkText) {
    throw new SecretError(
      `The passphrase is not that of ${file}: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one it was sealed with`,
    );
  }
  return key;
}

function tryOpen(sealed: string, key: Buffer): string | undefined {
  const [found, nonceText = "", cipherText = "", ...rest] = sealed.split(":");
  const nonce = Buffer.from(nonceText, "base64");
  const bytes = Buffer.from(cipherText, "base64");
  if (
    found !== version ||
    rest.length > 0 ||
    nonce.length !== nonceBytes ||
    bytes.length < tagBytes
  ) {
    return undefined;
  }
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    const clear = decipher.update(bytes.subarray(0, bytes.length - tagBytes));
    return Buffer.concat([clear, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

function fromFile(env: Environment, name: string): string | undefined {
  const path = env[`${name}_FILE`];
  if (path === undefined || path === "") {
    return undefined;
  }
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new SecretError(`${name}_FILE names ${path}, which cannot be read`);
  }
}

function whyNot(
  { file, encryptionSalt, secretsProvider }: Parameters<typeof openSecret>[0],
  key: string,
  sealed: string | undefined,
  phrase: string | undefined,
  variable: string | undefined,
): string {
  const orSet = variable === undefined ? "" : `, or set ${variable} or ${variable}_FILE`;
  if (sealed === undefined) {
    return `${file} has no ${key}: set it with pulumi config set --secret ${key}${orSet}`;
  }
  if (encryptionSalt === undefined || (phrase === undefined && secretsProvider !== undefined)) {
    const by = secretsProvider === undefined ? "another secrets provider" : "its secrets provider";
    return `${key} of ${file} is sealed by ${by}, which only the Pulumi CLI opens${orSet.replace(", or set", ": set")}`;
  }
  return `${key} of ${file} is sealed: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE${orSet}`;
}
