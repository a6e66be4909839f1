import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { makeCertificate } from "../../lab/certificate";

describe("the lab's own certificate", () => {
  it("is of this machine, for server and client, signed by its own key and no other", () => {
    const [one, other] = [makeCertificate("atom lab"), makeCertificate("atom lab")];
    const certificate = new X509Certificate(one.certificate);
    assert.deepEqual(
      [certificate.subject, certificate.issuer, certificate.subjectAltName, certificate.keyUsage],
      [
        "CN=atom lab",
        "CN=atom lab",
        "IP Address:127.0.0.1",
        ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
      ],
    );
    assert.ok(Date.parse(certificate.validFrom) < Date.now());
    assert.ok(Date.parse(certificate.validTo) > Date.now() + 9 * 365 * 24 * 3_600_000);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(one.key)));
    const stranger = new X509Certificate(other.certificate);
    assert.ok(!certificate.verify(stranger.publicKey));
    assert.notEqual(certificate.serialNumber, stranger.serialNumber);
  });
});
