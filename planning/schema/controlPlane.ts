import { hostPath, image, namespaceName, plainCron, timeZone } from "./forms";
import { list, map, text, whole } from "./node";

/** Key `nodeBackups.controlPlane`. */
export const controlPlane = map(
  "Backup of the control plane on a schedule, encrypted and copied off the cluster: a snapshot of etcd, and the files without which a restored etcd cannot be read. A CronJob takes it on a control-plane node, by the access to etcd that `nodeBackups.etcd` states.",
  {
    cron: text("When a backup is taken.", plainCron),
    timeZone: text("Time zone of `cron`.", { ...timeZone, default: "Etc/UTC" }),
    namespace: text("Namespace of the CronJob; it has to be there.", {
      ...namespaceName,
      default: "kube-system",
    }),
    image: text("Image with etcdctl, etcdutl, openssl 3, tar, a POSIX shell and sha256sum.", image),
    files: list(
      "What belongs to a control-plane node beside etcd: certificates, the key of service account tokens, the encryption configuration, keys of the storage backend. The default is the folder in which kubeadm keeps all of its own.",
      hostPath("A file or folder of a control-plane node. One that is not there fails the backup."),
      { minItems: 1, default: ["/etc/kubernetes"] },
    ),
    certificate: text(
      "X.509 certificate (PEM, RSA). Backups are encrypted for its private key, which you keep off the cluster: without it none can be restored.",
      {
        pattern: "^\\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*$",
        maxLength: 8192,
        form: "one certificate in PEM, -----BEGIN CERTIFICATE----- and so on",
      },
    ),
    offCluster: text(
      "Where each backup is copied: an NFS export, or a folder of every control-plane node on which a share from outside of the cluster is mounted.",
      {
        pattern: "^([A-Za-z0-9][-A-Za-z0-9.]*:)?/[^\\u0000-\\u001f\\u007f]*$",
        maxLength: 1024,
        form: "server:/path of an NFS export, or an absolute path on the node",
      },
    ),
    keepLocal: whole("Newest backups that stay in `nodeBackups.etcd.folder` of each node.", {
      minimum: 1,
      maximum: 1000,
      default: 3,
    }),
    keepOffCluster: whole("Newest backups that stay off the cluster.", {
      minimum: 1,
      maximum: 10_000,
      default: 30,
    }),
    timeoutSeconds: whole("Limit of one backup.", {
      minimum: 60,
      maximum: 86_400,
      unit: "seconds",
      default: 1800,
    }),
  },
);
