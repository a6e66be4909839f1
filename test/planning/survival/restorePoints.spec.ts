import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Loss } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import { onHosts } from "../support/vms";
import {
  dataSite,
  genericSite,
  linstorSite,
  longhornSite,
  mayastorSite,
  THREE_SITES,
} from "../../support/sites";

/** What is said of the restore points after the first loss of a kind. */
function after(site: Site, kind: Loss["kind"], title = ""): string {
  const verdict = planSite(site).survival.verdicts.find(
    (one) => one.loss.kind === kind && one.title.startsWith(title),
  );
  return `${verdict?.restorePointsReadable ?? "none"}: ${verdict?.restorePointsRule ?? ""}`;
}

describe("restore points after a loss", () => {
  it("stay with the copies that stay", () => {
    const expected = "yes: volume snapshots stay with the copies that stay";
    assert.equal(after(longhornSite(THREE_SITES), "node"), expected);
    assert.equal(after(linstorSite(THREE_SITES), "site"), expected);
    assert.equal(
      after(linstorSite(THREE_SITES), "link"),
      "yes: no copy is lost, and no volume snapshot",
    );
  });

  it("are lost with the last copy", () => {
    const site = longhornSite([dataSite("a", 3, { controlPlaneNodes: 3 })], { survive: "node" });
    assert.equal(after(site, "site"), "no: volume snapshots are lost with the copies");
  });

  it("are of no use while the volumes stop, or nothing can be started", () => {
    const [a, b, c] = THREE_SITES;
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    const lopsided = [
      { ...a, controlPlaneNodes: 3 },
      { ...b, controlPlaneNodes: 0 },
      { ...c, controlPlaneNodes: 0 },
    ];
    assert.equal(
      after(longhornSite(lopsided, { survive: "node" }), "site", "site a"),
      "no: volume snapshots stay, and without the control plane's majority nothing can be restored from them",
    );
    const two = [dataSite("a", 3), dataSite("b", 3)];
    assert.equal(
      after(linstorSite(two, { survive: "node", replicationFactor: 3 }), "site", "site a"),
      "no: volume snapshots are no more readable than the volumes, until what failed is back",
    );
  });

  it("may be missing on Mayastor's copies that were built again", () => {
    assert.equal(
      after(mayastorSite(THREE_SITES), "node"),
      "unknown: a copy that was built again since carries no volume snapshot, and it may be one of those that stay",
    );
  });

  it("are not known of a driver of which nothing is stated, and as good as its copies where that is", () => {
    assert.equal(
      after(genericSite(), "node"),
      "unknown: where the driver keeps volume snapshots is not stated (backendOptions.snapshotsWithCopies)",
    );
    assert.equal(
      after(genericSite({ snapshotsWithCopies: true }), "node"),
      "yes: volume snapshots stay with the copies that stay",
    );
  });

  it("lose their VM snapshots with the datastore, whatever is left of the volumes", () => {
    assert.equal(
      after(onHosts(longhornSite(THREE_SITES), {}), "datastore"),
      "no: the VM snapshots of 1 node VM are lost with the datastore; volume snapshots stay with the copies that stay",
    );
  });
});
