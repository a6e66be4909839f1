import { X509Certificate, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate and its key, PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

// Object identifiers, encoded.
const ECDSA_SHA256 = "2a8648ce3d040302";
const COMMON_NAME = "550403";
const ALTERNATIVE_NAME = "551d11";
const EXTENDED_USAGE = "551d25";
const SERVER = "2b06010505070301";
const CLIENT = "2b06010505070302";

/**
 * A certificate that two programs of this machine share, each to show and to trust: it is its own authority, for the
 * address 127.0.0.1, as server and as client. Node makes none, so that its few fields are encoded (DER) here.
 */
export function makeCertificate(commonName: string): CertificatePair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid(ECDSA_SHA256));
  const name = sequence(
    der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(commonName, "utf8")))),
  );
  const now = Date.now();
  const year = 365 * 24 * 3_600_000;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(now - 3_600_000), time(now + 10 * year)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        extension(ALTERNATIVE_NAME, der(0x87, Buffer.of(127, 0, 0, 1))),
        extension(EXTENDED_USAGE, oid(SERVER), oid(CLIENT)),
      ),
    ),
  );
  const signature = Buffer.concat([Buffer.of(0), sign("sha256", body, privateKey)]);
  const certificate = new X509Certificate(sequence(body, algorithm, der(0x03, signature)));
  return {
    certificate: certificate.toString(),
    key: privateKey.export({ type: "sec1", format: "pem" }).toString(),
  };
}

function extension(id: string, ...values: readonly Buffer[]): Buffer {
  return sequence(oid(id), der(0x04, sequence(...values)));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** GeneralizedTime, `YYYYMMDDHHMMSSZ`. */
function time(at: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]|\..*/g, "")}Z`));
}

function sequence(...values: readonly Buffer[]): Buffer {
  return der(0x30, ...values);
}

/** Tag, length, value. */
function der(tag: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const { length } = value;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...(length < 128 ? [length] : long)), value]);
}
