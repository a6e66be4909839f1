import * as fs from "node:fs";
import * as path from "node:path";
import type { Environment } from "../../../lab/cache";

/** A stand-in for `go` that notes its calls, so that the build's own logic can be shown in seconds. */
export interface FakeGo {
  readonly env: Environment;
  /** Each call's arguments, one line a call. */
  calls(): string[];
}

/**
 * Puts a `go` on the PATH that compiles nothing: a build takes `seconds`, names two packages and writes the
 * program; with `failing` set, the build of a package ending so fails with `message`.
 */
export function fakeGo(
  dir: string,
  options: { seconds?: number; version?: string; failing?: string; message?: string } = {},
): FakeGo {
  const log = path.join(dir, "calls");
  const crds = path.join(dir, "module", "config", "crd");
  fs.mkdirSync(crds, { recursive: true });
  fs.writeFileSync(path.join(crds, "example.org_things.yaml"), "kind: CustomResourceDefinition\n");
  fs.writeFileSync(path.join(crds, "kustomization.yaml"), "resources: []\n");
  const script = `#!/bin/sh
echo "$*" >> ${log}
case "$1 $2" in
"env -json") printf '{"GOVERSION":"${options.version ?? "go1.26.8"}","GOMODCACHE":"${dir}/mod","GOCACHE":"${dir}/build","GOPROXY":"https://proxy.example"}' ;;
"list -m") echo ${path.join(dir, "module")} ;;
"list -deps") echo example.org/one; echo example.org/two ;;
"mod download") ;;
build*)
  echo "go: downloading example.org/one v1.0.0" >&2
  echo example.org/one >&2
  for last; do :; done
  case "$last" in *${options.failing ?? "nothing-fails"}) echo "${options.message ?? ""}" >&2; exit 1;; esac
  sleep ${options.seconds ?? 0}
  while [ "$1" != "-o" ]; do shift; done
  printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"
  echo example.org/two >&2 ;;
esac
`;
  fs.mkdirSync(path.join(dir, "bin"), { recursive: true });
  fs.writeFileSync(path.join(dir, "bin", "go"), script, { mode: 0o755 });
  return {
    env: {
      PATH: `${path.join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
      XDG_CACHE_HOME: path.join(dir, "cache"),
    },
    calls: () => (fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n") : []),
  };
}
