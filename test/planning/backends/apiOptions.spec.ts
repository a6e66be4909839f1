import assert from "node:assert/strict";
import { apiRules } from "../../../planning/backends/apiOptions";
import type { Options } from "../../../planning/plan";
import { brokenRules } from "../../../planning/problem";
import { linstorSite, THREE_SITES } from "../../support/sites";

function problems(backendOptions: Options): string[] {
  const site = { ...linstorSite(THREE_SITES), backendOptions };
  return brokenRules(site, apiRules(site)).map(
    ({ path, value, message, allowed }) => `${path} ${value ?? "-"}: ${message}. ${allowed ?? ""}`,
  );
}

describe("the address of a storage backend's API", () => {
  it("is accepted with all that opens it", () => {
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ apiUrl: "http://127.0.0.1:3370" }), []);
    const files = { apiCaFile: "/ca", apiCertFile: "/cert", apiKeyFile: "/key" };
    assert.deepEqual(problems({ apiUrl: "https://linstor:3371", ...files }), []);
  });

  it("is refused where it is none, without the password in it", () => {
    const refusal = (value: string): string =>
      `backendOptions.apiUrl ${value}: this is not the plain address of an API. ` +
      "Allowed: http:// or https:// with host and port, and no user, password or query";
    assert.deepEqual(problems({ apiUrl: "linstor" }), [refusal('"linstor"')]);
    assert.deepEqual(problems({ apiUrl: "https://u:canary@host:1/x" }), [
      refusal('"https://host:1"'),
    ]);
  });

  it("is refused with files that are of no use", () => {
    assert.deepEqual(problems({ apiUrl: "https://h", apiCaFile: "ca.pem" }), [
      'backendOptions.apiCaFile "ca.pem": where this file is would depend on the folder that the command is run in. Allowed: an absolute path',
    ]);
    assert.deepEqual(problems({ apiUrl: "http://h", apiTokenFile: "/token" }), [
      'backendOptions.apiTokenFile "/token": it is of use only for an API that is reached by https. Allowed: no such key, or backendOptions.apiUrl with https://',
    ]);
    assert.deepEqual(problems({ apiUrl: "https://h", apiCertFile: "/cert" }), [
      "backendOptions.apiKeyFile -: a client certificate and its key are of use only together. Allowed: both apiCertFile and apiKeyFile, or neither",
    ]);
  });
});
