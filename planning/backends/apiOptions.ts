import type { Options } from "../plan";
import type { Problem } from "../problem";
import { shown } from "../words";
import type { OptionSpec, StorageRequest } from "./backend";
import type { StorageApi } from "./observation";
import { textOption } from "./options";

const FILES = ["apiCaFile", "apiCertFile", "apiKeyFile", "apiTokenFile"] as const;

/**
 * Options that lead the commands to the backend's own API.
 *
 * @param api what is meant, e.g. `LINSTOR's REST API`
 * @param example how it may be reached
 * @param proof what the API asks of its callers
 */
export function apiOptions(
  api: string,
  example: string,
  proof: "certificate" | "token",
): Readonly<Record<string, OptionSpec>> {
  const file = (description: string): OptionSpec => ({
    type: "string",
    description: `${description}; absolute path on the machine that runs the commands`,
  });
  return {
    apiUrl: {
      type: "string",
      description: `address of ${api} as the machine that runs the commands reaches it, such as ${example}; without it the copies of volumes are not observed`,
    },
    apiCaFile: file(`file of the authority that signed the certificate of ${api}`),
    ...(proof === "certificate"
      ? {
          apiCertFile: file(`file of the client certificate for ${api}`),
          apiKeyFile: file("file of the key of apiCertFile"),
        }
      : { apiTokenFile: file(`file with the bearer token for ${api}`) }),
  };
}

/** The API as the options describe it; undefined without `apiUrl`. */
export function storageApi(options: Options): StorageApi | undefined {
  const url = textOption(options, "apiUrl");
  return url === undefined
    ? undefined
    : {
        url: url.replace(/\/+$/, ""),
        caFile: textOption(options, "apiCaFile"),
        certFile: textOption(options, "apiCertFile"),
        keyFile: textOption(options, "apiKeyFile"),
        tokenFile: textOption(options, "apiTokenFile"),
      };
}

/** Refuses what would lead nowhere, or send a token in the clear. */
export function apiProblems({ site }: StorageRequest): readonly Problem[] {
  const options = site.backendOptions;
  const url = textOption(options, "apiUrl");
  const text = (key: string): string | undefined => textOption(options, key);
  return [
    ...urlProblems(url),
    ...FILES.flatMap((key): readonly Problem[] => {
      const file = text(key);
      const path = `backendOptions.${key}`;
      if (file === undefined) {
        return [];
      }
      if (!file.startsWith("/")) {
        const message = "where this file is would depend on the folder that the command is run in";
        return [{ path, value: shown(file), message, allowed: "Allowed: an absolute path" }];
      }
      if (url === undefined || isHttp(url)) {
        const message = "it is of use only for an API that is reached by https";
        const allowed = "Allowed: no such key, or backendOptions.apiUrl with https://";
        return [{ path, value: shown(file), message, allowed }];
      }
      return [];
    }),
    ...pairProblems(text("apiCertFile"), text("apiKeyFile")),
  ];
}

function urlProblems(url: string | undefined): readonly Problem[] {
  if (url === undefined) {
    return [];
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const right =
    parsed !== undefined &&
    ["http:", "https:"].includes(parsed.protocol) &&
    parsed.username === "" &&
    parsed.password === "" &&
    parsed.search === "" &&
    parsed.hash === "";
  return right
    ? []
    : [
        {
          path: "backendOptions.apiUrl",
          // A password in it must not come back in a message.
          value: parsed === undefined ? shown(url) : shown(`${parsed.protocol}//${parsed.host}`),
          message: "this is not the plain address of an API",
          allowed:
            "Allowed: http:// or https:// with host and port, and no user, password or query",
        },
      ];
}

function pairProblems(cert: string | undefined, key: string | undefined): readonly Problem[] {
  if ((cert === undefined) === (key === undefined)) {
    return [];
  }
  const missing = cert === undefined ? "apiCertFile" : "apiKeyFile";
  return [
    {
      path: `backendOptions.${missing}`,
      value: undefined,
      message: "a client certificate and its key are of use only together",
      allowed: "Allowed: both apiCertFile and apiKeyFile, or neither",
    },
  ];
}

function isHttp(url: string): boolean {
  return url.toLowerCase().startsWith("http://");
}
