// Loaded before every test (.mocharc.json): random tests draw anew in each run, from a seed that a run can be given again.
import { randomInt } from "node:crypto";
import { configureGlobal } from "fast-check";

const given = process.env["ATOM_SEED"];
const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
if (!Number.isSafeInteger(seed)) {
  throw new Error(`ATOM_SEED = "${given}" is no whole number.`);
}
configureGlobal({ seed });
if (given === undefined) {
  process.stderr.write(`Random tests: ATOM_SEED=${seed}\n`);
}
