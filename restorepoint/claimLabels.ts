import type { ClusterClient } from "../clients/kubernetes/client";
import { POINT_LABEL } from "../planning/names";
import type { PointVolume } from "../planning/pointRecord";

/**
 * Puts the label on the claims by which a group snapshot selects them, or takes it off: a selector knows labels only, and
 * the claims of a point are a list. Claims that are gone are passed over; whoever looks at the snapshots finds that.
 */
export async function labelClaims(
  client: ClusterClient,
  claims: readonly PointVolume[],
  point: string,
  wanted: boolean,
): Promise<void> {
  await Promise.all(
    claims.map(({ namespace, claim }) =>
      client.modify(
        { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim },
        "atom-backup",
        (live) => {
          const others = Object.entries(live.metadata.labels ?? {}).filter(
            ([key, value]) => key !== POINT_LABEL || (!wanted && value !== point),
          );
          const labels = {
            ...Object.fromEntries(others),
            ...(wanted ? { [POINT_LABEL]: point } : {}),
          };
          return { ...live, metadata: { ...live.metadata, labels } };
        },
      ),
    ),
  );
}
