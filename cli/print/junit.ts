import { xml, type XmlInput } from "../../clients/vcenter/xml";
import type { Finding } from "../../drift/types";
import { changeLine, kindWords } from "./findings";

/**
 * A JUnit document: a test case for each object that was looked at. Drift is a failure of its case, what could not be read
 * an error.
 */
export async function junitText(stack: string, findings: readonly Finding[]): Promise<string> {
  const { builder } = await xml();
  const count = (wanted: (kind: Finding["kind"]) => boolean): number =>
    findings.filter(({ kind }) => wanted(kind)).length;
  const suite = {
    "@name": `drift of stack ${stack}`,
    "@tests": findings.length,
    "@failures": count((kind) => kind !== "same" && kind !== "unknown"),
    "@errors": count((kind) => kind === "unknown"),
    testcase: findings.map(testCase),
  };
  return `<?xml version="1.0" encoding="UTF-8"?>${builder.build({ testsuites: { testsuite: suite } })}`;
}

function testCase({ kind, object, reason, changes, command }: Finding): XmlInput {
  const name = { "@classname": "drift", "@name": object };
  if (kind === "same") {
    return name;
  }
  const lines = [reason, ...changes.map(changeLine), ...(command === undefined ? [] : [command])];
  const told = { "@type": kind, "@message": kindWords(kind), "#text": lines.join("\n") };
  return { ...name, [kind === "unknown" ? "error" : "failure"]: told };
}
