/**
 * What kwok plays: the life of pods that no process stands behind. Pods of Jobs are none of its business, as the
 * lab's runner executes their commands. Nodes keep what they are given; only one that joins without a kubelet's
 * report becomes ready.
 */

const NOT_DELETED = { jq: { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" } };
const DELETED = { jq: { key: ".metadata.deletionTimestamp", operator: "Exists" } };
const NOT_OF_A_JOB = {
  jq: { key: ".metadata.ownerReferences.[].kind", operator: "NotIn", values: ["Job"] },
};

/** A pod on a node is scheduled, and the scheduler waits for its claims: so it may run. */
const RUNNING = `{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
{{ range $type := list "PodReadyToStartContainers" "Initialized" "ContainersReady" "Ready" }}
- { type: {{ $type }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  started: false
  state:
    terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} }
  {{ end }}
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
`;

const NODE_READY = `{{ $now := Now }}
capacity: { cpu: "8", memory: 32Gi, pods: "110" }
allocatable: { cpu: "8", memory: 32Gi, pods: "110" }
conditions:
- type: Ready
  status: "True"
  reason: KubeletReady
  message: reported by the lab
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
`;

interface Stage {
  readonly name: string;
  readonly kind: "Pod" | "Node";
  readonly when: readonly object[];
  readonly step: object;
}

const STAGES: readonly Stage[] = [
  {
    name: "pod-runs",
    kind: "Pod",
    when: [
      NOT_DELETED,
      NOT_OF_A_JOB,
      { jq: { key: ".status.phase", operator: "In", values: ["Pending"] } },
    ],
    step: { patch: { subresource: "status", root: "status", template: RUNNING } },
  },
  {
    name: "pod-ends",
    kind: "Pod",
    when: [DELETED, NOT_OF_A_JOB],
    step: { delete: true },
  },
  {
    name: "node-joins",
    kind: "Node",
    when: [
      NOT_DELETED,
      {
        jq: {
          key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
          operator: "DoesNotExist",
        },
      },
    ],
    step: { patch: { subresource: "status", root: "status", template: NODE_READY } },
  },
];

/** The text of kwok's configuration file. */
export function kwokStages(): string {
  return STAGES.map(({ name, kind, when, step }) =>
    JSON.stringify({
      apiVersion: "kwok.x-k8s.io/v1alpha1",
      kind: "Stage",
      metadata: { name },
      spec: {
        resourceRef: { apiGroup: "v1", kind },
        selector: { matchExpressions: when },
        steps: [step],
      },
    }),
  ).join("\n---\n");
}
