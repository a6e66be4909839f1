import { deepStrictEqual, ok } from "node:assert/strict";

import { rightsAt } from "../../../clients/kubernetes/rights";
import { projectRoot } from "../../../config/projectRoot";
import { modelPlans } from "../../../docs/modelSites";
import { rolesOf, siteRights } from "../../../site/preflight/rights";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe("the published roles", () => {
  it("name each kind once, with the verbs of all rows", () => {
    const row = { place: "own", group: "", resources: ["secrets"], uses: [] } as const;
    deepStrictEqual(
      rightsAt(
        [
          { ...row, verbs: ["get", "list"] },
          { ...row, verbs: ["list", "delete"] },
          { ...row, place: "product", group: "apps", verbs: ["get"] },
        ],
        { own: "o", product: ["p", "q"] },
      ),
      [
        { group: "", resource: "secrets", namespace: "o", verbs: ["get", "list", "delete"] },
        { group: "apps", resource: "secrets", namespace: "p", verbs: ["get"] },
        { group: "apps", resource: "secrets", namespace: "q", verbs: ["get"] },
      ],
    );
  });

  for (const plan of modelPlans(projectRoot())) {
    it(`of ${plan.site.stack} give no wildcard, and no Secret, pod or job outside a namespace`, () => {
      const roles = rolesOf(plan, "someone");
      const rules = (kind: string): readonly Rule[] =>
        roles.filter((role) => role.kind === kind).flatMap((role) => role["rules"] as Rule[]);
      const inCluster = rules("ClusterRole").flatMap(({ resources }) => resources);
      ok(!JSON.stringify(roles).includes("*"));
      deepStrictEqual(
        inCluster.filter((one) => /^(secrets|pods|jobs|configmaps)$/.test(one)),
        [],
      );
    });
  }

  it("add what a backend declares, reads and looks for, where it stands", () => {
    const named = (stack: string): string[] => {
      const plan = modelPlans(projectRoot()).find(({ site }) => site.stack === stack);
      ok(plan);
      return siteRights(plan)
        .filter(({ place }) => typeof place === "object")
        .map(({ place, group, resources, verbs }) =>
          [Object.values(place)[0], group, resources, verbs].join(" "),
        );
    };
    deepStrictEqual(named("model-two-sites-linstor"), ["piraeus-datastore apps daemonsets get"]);
    deepStrictEqual(named("model-three-sites-longhorn"), [
      "longhorn-system longhorn.io settings get,list,patch",
      "longhorn-system longhorn.io settings get,list,patch",
      "longhorn-system longhorn.io volumes list",
      "longhorn-system longhorn.io replicas list",
    ]);
    deepStrictEqual(named("model-ceph-stretch"), [
      "rook-ceph ceph.rook.io cephblockpools get,list,create,update,patch,delete",
      "rook-ceph csi.ceph.io drivers get,list,patch",
      "rook-ceph ceph.rook.io cephblockpools list",
      "rook-ceph ceph.rook.io cephclusters list",
      "rook-ceph ceph.rook.io cephclusters get",
    ]);
  });
});
