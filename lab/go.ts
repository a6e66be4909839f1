import { execFile, spawn } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import { promisify } from "node:util";
import type { Environment } from "./cache";
import { cacheRoot, hasHome } from "./cache";
import { LabError } from "./error";

/** Oldest Go that builds the lab: `go` lines of the modules. */
const GO_MINIMUM = "1.26";

/** Variables that Go needs to find its caches and the module proxy; nothing else is handed on. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "GOPATH",
  "GOCACHE",
  "GOMODCACHE",
  "GOENV",
  "GOROOT",
  "GOPROXY",
  "GOSUMDB",
  "GONOSUMDB",
  "GONOPROXY",
  "GOPRIVATE",
  "GOINSECURE",
  "GOAUTH",
  "GOMAXPROCS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NETRC",
];

/** Environment of every `go` command: the caches of the person, and settings that decide what is built. */
export function goEnvironment(env: Environment): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined && value !== "") {
      out[name] = value;
    }
  }
  if (!hasHome(env)) {
    const home = path.join(cacheRoot(env), "go");
    out["HOME"] = home;
    out["GOPATH"] ??= path.join(home, "path");
    out["GOMODCACHE"] ??= path.join(home, "path", "pkg", "mod");
    out["GOCACHE"] ??= path.join(home, "build");
  }
  return {
    ...out,
    // Pure Go: no C compiler is needed, and the result does not depend on one.
    CGO_ENABLED: "0",
    // The person's own flags and workspaces could change what is built.
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    // Another toolchain is never fetched unasked.
    GOTOOLCHAIN: "local",
  };
}

export interface GoInfo {
  readonly version: string;
  readonly moduleCache: string;
  readonly buildCache: string;
  readonly proxy: string;
}

/** Asks Go for its version and folders. @throws LabError if it is missing or too old. */
export async function goInfo(env: Environment): Promise<GoInfo> {
  const need = `Go ${GO_MINIMUM} or later is needed once to build the lab`;
  const mend = `Install it and put it on PATH, or set ATOM_LAB_BIN to a folder with ready binaries`;
  let text: string;
  try {
    const args = ["env", "-json", "GOVERSION", "GOMODCACHE", "GOCACHE", "GOPROXY"];
    text = (await promisify(execFile)("go", args, { env: goEnvironment(env) })).stdout;
  } catch (error) {
    const why = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new LabError(`${need}, and ${why ? "it was not found" : "it does not run"}. ${mend}.`, {
      cause: error,
    });
  }
  const value = JSON.parse(text) as Record<string, string | undefined>;
  const version = value["GOVERSION"] ?? "";
  if (!isNewEnough(version)) {
    throw new LabError(`${need}; the one on PATH is ${version}. ${mend}.`);
  }
  return {
    version,
    moduleCache: value["GOMODCACHE"] ?? "",
    buildCache: value["GOCACHE"] ?? "",
    proxy: value["GOPROXY"] ?? "",
  };
}

/** Whether a version such as `go1.26.8` is at least `GO_MINIMUM`. */
export function isNewEnough(version: string): boolean {
  const match = /^(?:devel )?go(\d+)\.(\d+)/.exec(version);
  const [major = 0, minor = 0] = GO_MINIMUM.split(".").map(Number);
  if (match === null) {
    return false;
  }
  const [, haveMajor, haveMinor] = match.map(Number);
  return (haveMajor ?? 0) > major || (haveMajor === major && (haveMinor ?? 0) >= minor);
}

export interface GoRun {
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  /** Called with each line that Go writes to stderr. */
  readonly onLine: (line: string) => void;
}

/** Lines that are searched for the reason of a failure, and those of them that the person gets to see. */
const KEPT_LINES = 200;
const SHOWN_LINES = 4;
const LINE_LENGTH = 300;

/** Runs `go` and gives its stdout. @throws LabError with Go's last words. */
export async function runGo(args: readonly string[], run: GoRun): Promise<string> {
  const child = spawn("go", [...args], {
    cwd: run.cwd,
    env: goEnvironment(run.env),
    stdio: ["ignore", "pipe", "pipe"],
    signal: run.signal,
  });
  const last: string[] = [];
  const lines = readline.createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    if (!line.startsWith("go: downloading ")) {
      last.push(line.slice(0, LINE_LENGTH));
    }
    if (last.length > KEPT_LINES) {
      last.shift();
    }
    run.onLine(line);
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) {
    throw new LabError(
      `${explainGo(last.join("\n"))}\ngo ${args[0] ?? ""} said:\n${last.slice(-SHOWN_LINES).join("\n")}`,
    );
  }
  return out;
}

/** Says in words what Go's output means for the person. */
export function explainGo(output: string): string {
  if (/no space left on device|disk quota exceeded/.test(output)) {
    return "The lab cannot be built because the disk is full. Free some space (12 GiB are needed with the engine, 6 GiB without) and run the command again; it goes on where it stopped.";
  }
  if (
    /dial tcp|no such host|proxyconnect|i\/o timeout|connection refused|TLS handshake|x509: |module lookup disabled|unexpected status|Service Unavailable|Forbidden|Bad Gateway/.test(
      output,
    )
  ) {
    return "The Go modules of the lab cannot be fetched. Check the network, GOPROXY, HTTPS_PROXY and SSL_CERT_FILE and run the command again, or set ATOM_LAB_BIN to a folder with ready binaries.";
  }
  if (/permission denied|read-only file system/.test(output)) {
    return "The lab cannot be built because a folder is not writable. Set GOPATH, GOCACHE or XDG_CACHE_HOME to writable folders.";
  }
  if (/signal: killed|cannot allocate memory/.test(output)) {
    return "The lab's build ran out of memory. End other programs or set GOMAXPROCS=1 and run the command again; it goes on where it stopped.";
  }
  return "The lab cannot be built.";
}
