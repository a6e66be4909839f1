import assert from "node:assert/strict";
import * as path from "node:path";
import { cacheRoot } from "../../lab/cache";
import { LabError } from "../../lab/error";
import { explainGo, goEnvironment, goInfo, isNewEnough } from "../../lab/go";
import { fakeGo } from "./support/fakeGo";
import { removeTemporary, temporary } from "./support/temporary";

describe("Go", () => {
  afterEach(removeTemporary);

  const versions: readonly (readonly [string, boolean])[] = [
    ["go1.26.0", true],
    ["go1.26rc1", true],
    ["go1.27.3", true],
    ["go2.0", true],
    ["devel go1.27-abcdef", true],
    ["go1.25.9", false],
    ["go1.3", false],
    ["", false],
  ];
  for (const [version, enough] of versions) {
    it(`${enough ? "takes" : "refuses"} version "${version}"`, () => {
      assert.equal(isNewEnough(version), enough);
    });
  }

  it("is missing in words", async () => {
    await assert.rejects(
      goInfo({ PATH: temporary() }),
      new LabError(
        "Go 1.26 or later is needed once to build the lab, and it was not found. Install it and put it on PATH, or set ATOM_LAB_BIN to a folder with ready binaries.",
      ),
    );
  });

  it("is too old in words", async () => {
    await assert.rejects(
      goInfo(fakeGo(temporary(), { version: "go1.22.1" }).env),
      new LabError(
        "Go 1.26 or later is needed once to build the lab; the one on PATH is go1.22.1. Install it and put it on PATH, or set ATOM_LAB_BIN to a folder with ready binaries.",
      ),
    );
  });

  it("gets the person's caches and proxy, but not flags that change what is built", () => {
    const env = goEnvironment({
      HOME: "/home/p",
      PATH: "/bin",
      GOPROXY: "https://proxy.example",
      HTTPS_PROXY: "http://gate:3128",
      GOFLAGS: "-mod=vendor",
      GOWORK: "/home/p/go.work",
      CGO_ENABLED: "1",
      SECRET: "s",
    });
    assert.deepEqual(env, {
      HOME: "/home/p",
      PATH: "/bin",
      GOPROXY: "https://proxy.example",
      HTTPS_PROXY: "http://gate:3128",
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly",
      GOWORK: "off",
      GOTOOLCHAIN: "local",
    });
  });

  for (const home of [undefined, ""]) {
    it(`has folders of its own when HOME is ${home === "" ? "empty" : "not set"}`, () => {
      const env = { PATH: "/bin", HOME: home };
      const root = path.join(cacheRoot(env), "go");
      const go = goEnvironment(env);
      assert.equal(go["HOME"], root);
      assert.equal(go["GOCACHE"], path.join(root, "build"));
      assert.equal(go["GOMODCACHE"], path.join(root, "path", "pkg", "mod"));
      assert.equal(go["GOPATH"], path.join(root, "path"));
    });
  }

  const outputs: readonly (readonly [string, RegExp])[] = [
    ["write x: no space left on device", /because the disk is full/],
    ["Get https://proxy.example: dial tcp: i/o timeout", /modules of the lab cannot be fetched/],
    ["tls: failed to verify certificate: x509: unknown authority", /HTTPS_PROXY and SSL_CERT_FILE/],
    ["reading https://proxy.example: 403 Forbidden", /modules of the lab cannot be fetched/],
    ["module lookup disabled by GOPROXY=off", /modules of the lab cannot be fetched/],
    ["open /cache/x: permission denied", /a folder is not writable/],
    ["compile: signal: killed", /ran out of memory/],
    ["undefined: x", /^The lab cannot be built\.$/],
  ];
  for (const [output, words] of outputs) {
    it(`is understood when it says "${output}"`, () => {
      assert.match(explainGo(output), words);
    });
  }
});
