import * as pulumi from "@pulumi/pulumi";

import type { Companion } from "../planning/plan";
import { companionObject } from "./companionObject";

/** Arguments of {@link Alerts}. */
export interface AlertsArgs {
  /**
   * The rules, as one object of Prometheus' operator.
   * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
   */
  readonly rules: Companion;
}

/** Rules by which people learn what was missed, failed or did not happen. */
export class Alerts extends pulumi.ComponentResource {
  /** Name of the PrometheusRule in its namespace. */
  public readonly rule: pulumi.Output<string>;

  public constructor(name: string, { rules }: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("atom:backup:Alerts", name, {}, opts);
    const made = companionObject(`${name}-${rules.key}`, rules, { parent: this });
    this.rule = made.urn.apply(() => rules.object.metadata.name);
    this.registerOutputs({ rule: this.rule });
  }
}
