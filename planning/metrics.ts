/** What `./atom exporter` writes, all of it gauges with the label `stack`: name and meaning. */
export const METRICS = {
  collected: ["atom_backup_collected_timestamp_seconds", "When these values were collected."],
  unknown: ["atom_backup_unknown", "What could not be told."],
  findings: ["atom_backup_findings", "What is not as declared or promised, by kind."],
  recoverable: [
    "atom_backup_recoverable_timestamp_seconds",
    "Moment of the newest restore point with all data volumes; 0: there is none.",
  ],
  proven: [
    "atom_backup_proven_timestamp_seconds",
    "When a restore last proved a point that leads back; 0: never.",
  ],
  survivalChanged: [
    "atom_backup_survival_changed",
    "1: with the nodes as they are now another loss is survived than planned.",
  ],
  interrupted: ["atom_backup_interrupted_steps", "Steps that were begun and not ended."],
  vmsOverdue: [
    "atom_backup_vm_snapshots_overdue_points",
    "Points whose VM snapshots are past their limit.",
  ],
  cycleLast: [
    "atom_backup_cycle_last_start_timestamp_seconds",
    "Window's start of a cycle's last run; 0: there was none.",
  ],
  cycleMissed: [
    "atom_backup_cycle_missed_runs",
    "Windows of a cycle that ended without a point since its last run.",
  ],
  copyTaken: [
    "atom_backup_copy_timestamp_seconds",
    "When a copy off the cluster was last made; 0: never.",
  ],
  copyProblems: ["atom_backup_copy_problems", "What is wrong with a copy off the cluster."],
} as const satisfies Readonly<Record<string, readonly [name: string, help: string]>>;

export type Metric = keyof typeof METRICS;
