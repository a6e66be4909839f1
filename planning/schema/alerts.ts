import { labelKey, labelValue, namespaceName, words } from "./forms";
import { dictionary, map, text, whole } from "./node";

/** Key `alerts`. */
export const alerts = map(
  "Alerts: rules for Prometheus' operator over the metrics that `./atom exporter` writes. Absent: none are declared.",
  {
    namespace: text("Namespace of the rules.", { ...namespaceName, default: "monitoring" }),
    labels: dictionary<string>(
      `Labels by which a Prometheus selects its rules, by ${labelKey.form ?? "name"}.`,
      text("Value of the label.", labelValue),
      { default: {} },
    ),
    verifyDays: whole("How old the newest proof by a restore may be.", {
      minimum: 1,
      maximum: 3650,
      unit: "days",
      default: 31,
    }),
    runbook: text("Where people find the page that says what to do about each alert.", {
      ...words,
      default: "docs/how-to/alerts.md",
    }),
  },
);
