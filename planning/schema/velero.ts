import { namespaceName, objectName, plainCron, timeZone, words } from "./forms";
import { dictionary, map, optional, text, whole } from "./node";

const secretKey = map("A key of a Secret in `namespace`, which you make there.", {
  name: text("Name of the Secret.", objectName),
  key: text("Its key.", {
    pattern: "^[-._A-Za-z0-9]+$",
    maxLength: 253,
    form: 'letters, digits, "-", "_" and "."',
  }),
});

/** Key `nodeBackups.velero`. */
export const velero = map(
  "Backups of the product's namespaces by Velero: their objects, and the data of their volumes moved to an object store outside of this cluster. Velero itself, its plugin for the object store and its node agent are installed beside this program.",
  {
    namespace: text("Namespace that Velero runs in.", { ...namespaceName, default: "velero" }),
    cron: text("When a backup is taken.", plainCron),
    timeZone: text("Time zone of `cron`.", { ...timeZone, default: "Etc/UTC" }),
    keepDays: whole("How long Velero keeps a backup.", {
      minimum: 1,
      maximum: 3650,
      unit: "days",
      default: 30,
    }),
    provider: text("Velero's plugin for the object store.", { ...words, default: "aws" }),
    bucket: text("Bucket that the backups are put in; it has to be there.", {
      pattern: "^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$",
      form: 'small letters, digits, "-" and ".", 3 to 63 characters',
    }),
    prefix: optional(
      text(
        "Folder in the bucket. Absent: the stack's name, so that sites may share a bucket.",
        objectName,
      ),
    ),
    endpoint: optional(
      text(
        "Address of the object store, outside of this cluster. Absent: the one that the plugin knows by itself.",
        {
          pattern: "^https?://[^\\s/@]+(/[^\\s]*)?$",
          maxLength: 512,
          form: "an address such as https://s3.example.com",
        },
      ),
    ),
    caCertificate: optional(
      text("Certificates (PEM) of the authority that the object store's certificate is of.", {
        pattern:
          "^\\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*)+$",
        maxLength: 32_768,
        form: "certificates in PEM, -----BEGIN CERTIFICATE----- and so on",
      }),
    ),
    credential: optional(secretKey),
    config: dictionary<string>(
      "Further options of the plugin, as its page names them: encryption by the store, checksums, a region. No secrets.",
      text("A text.", { maxLength: 1024 }),
      { default: {} },
    ),
  },
);
