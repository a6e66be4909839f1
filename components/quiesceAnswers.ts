import { RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";

/**
 * The SDK writes each answer of the engine into a debug message, by turning it into text: with all inputs, secrets in
 * clear. `pulumi up --json`, `--event-log` and `--debug` show these messages. The text is used for nothing else, so an
 * answer says no more than what it is about.
 */
export function quiesceAnswers(): void {
  RegisterResourceResponse.prototype.toString = function (this: RegisterResourceResponse): string {
    return `RegisterResourceResponse of ${this.getUrn()}`;
  };
}
