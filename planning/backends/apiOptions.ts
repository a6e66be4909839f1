import type { Options } from "../plan";
import type { Rule } from "../problem";
import type { Site } from "../site";
import { shown } from "../words";
import type { OptionSpec } from "./backend";
import type { StorageApi } from "./observation";
import { text, textOption } from "./options";

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
  const file = (description: string): OptionSpec =>
    text(`${description}; absolute path on the machine that runs the commands`);
  return {
    apiUrl: text(
      `address of ${api} as the machine that runs the commands reaches it, such as ${example}; without it the copies of volumes are not observed`,
    ),
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
export function apiRules({ backendOptions }: Site): readonly Rule[] {
  const url = textOption(backendOptions, "apiUrl");
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
  const plain =
    parsed !== undefined &&
    ["http:", "https:"].includes(parsed.protocol) &&
    [parsed.username, parsed.password, parsed.search, parsed.hash].every((part) => part === "");
  const [cert, key] = ["apiCertFile", "apiKeyFile"].map((name) => textOption(backendOptions, name));
  const missing = cert === undefined ? "apiCertFile" : "apiKeyFile";
  return [
    [
      url !== undefined && !plain,
      "backendOptions.apiUrl",
      "this is not the plain address of an API",
      "http:// or https:// with host and port, and no user, password or query",
      // A password in it must not come back in a message.
      parsed === undefined ? {} : { value: shown(`${parsed.protocol}//${parsed.host}`) },
    ],
    ...FILES.flatMap((name): readonly Rule[] => {
      const file = textOption(backendOptions, name);
      const path = `backendOptions.${name}`;
      const absolute = file?.startsWith("/") === true;
      return [
        [
          file !== undefined && !absolute,
          path,
          "where this file is would depend on the folder that the command is run in",
          "an absolute path",
        ],
        [
          absolute && (url === undefined || /^http:\/\//i.test(url)),
          path,
          "it is of use only for an API that is reached by https",
          "no such key, or backendOptions.apiUrl with https://",
        ],
      ];
    }),
    [
      (cert === undefined) !== (key === undefined),
      `backendOptions.${missing}`,
      "a client certificate and its key are of use only together",
      "both apiCertFile and apiKeyFile, or neither",
    ],
  ];
}
