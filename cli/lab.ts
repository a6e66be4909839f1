import { labEnv, readLabRecord } from "../lab/index";
import { UnknownError } from "../site/exit";

/**
 * Lets this process reach the lab of the checkout: kubeconfig, vCenter and passphrase, as `lab env` prints them.
 *
 * @throws CannotTellError when there is no lab yet
 */
export function enterLab(root: string): void {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new UnknownError(
      "Unknown: the lab was never started in this checkout. Run ./atom up, or look at what the program " +
        "declares with ./atom preview --offline.",
    );
  }
  Object.assign(process.env, labEnv(root, record));
}
