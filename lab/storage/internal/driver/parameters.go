package driver

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"atom.example/lab/storage/internal/store"
)

const (
	replicasKey     = "replicas"
	spreadKey       = "spreadKey"
	maxPerDomainKey = "maxPerDomain"
	// metadataPrefix starts the keys that the sidecars add on their own.
	metadataPrefix = "csi.storage.k8s.io/"

	maxReplicas = 16
)

var classKeys = []string{maxPerDomainKey, replicasKey, spreadKey}

// claimOf reads the claim from what the provisioner adds.
func claimOf(parameters map[string]string) store.Claim {
	return store.Claim{
		Namespace: parameters[metadataPrefix+"pvc/namespace"],
		Name:      parameters[metadataPrefix+"pvc/name"],
	}
}

// checkKeys refuses parameters that nothing here reads, so that a misspelt one is not silently ignored.
func checkKeys(parameters map[string]string, allowed []string) error {
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		if strings.HasPrefix(key, metadataPrefix) || slices.Contains(allowed, key) {
			continue
		}
		if len(allowed) == 0 {
			return invalid("parameter %q is not known; there are none", key)
		}
		return invalid("parameter %q is not known; allowed: %s", key, strings.Join(allowed, ", "))
	}
	return nil
}

// demand reads the class parameters: `replicas` 1 to 16, default 2; `spreadKey` the site's or the node's label,
// default the site's; `maxPerDomain` from 1 on, default 1.
func demand(parameters map[string]string, requirement *csi.TopologyRequirement) (store.Demand, error) {
	none := store.Demand{}
	if err := checkKeys(parameters, classKeys); err != nil {
		return none, err
	}
	copies, err := number(parameters, replicasKey, 2, maxReplicas)
	if err != nil {
		return none, err
	}
	perDomain, err := number(parameters, maxPerDomainKey, 1, maxReplicas)
	if err != nil {
		return none, err
	}
	wanted := store.Demand{Copies: copies, Allowed: sites(requirement), Spread: SiteKey}
	switch key, given := parameters[spreadKey]; {
	case !given, key == SiteKey:
		wanted.PerSite = perDomain
	case key == NodeKey:
	default:
		return none, invalid("parameter %s %q is not known; allowed: %s, %s", spreadKey, key, SiteKey, NodeKey)
	}
	return wanted, nil
}

func number(parameters map[string]string, key string, standard, limit int) (int, error) {
	text, given := parameters[key]
	if !given {
		return standard, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 || value > limit {
		return 0, invalid("parameter %s %q is no number from 1 to %d", key, text, limit)
	}
	return value, nil
}

// sites lists the values of the site label, the preferred ones first.
func sites(requirement *csi.TopologyRequirement) []string {
	var found []string
	for _, topology := range slices.Concat(requirement.GetPreferred(), requirement.GetRequisite()) {
		if site, given := topology.GetSegments()[SiteKey]; given && !slices.Contains(found, site) {
			found = append(found, site)
		}
	}
	return found
}

// checkCapabilities refuses what plain directories cannot give.
func checkCapabilities(capabilities []*csi.VolumeCapability) error {
	if len(capabilities) == 0 {
		return invalid("volume capabilities are missing")
	}
	for _, capability := range capabilities {
		if err := checkCapability(capability); err != nil {
			return err
		}
	}
	return nil
}

func checkCapability(capability *csi.VolumeCapability) error {
	if capability == nil {
		return invalid("volume capability is missing")
	}
	if capability.GetBlock() != nil {
		return invalid("block volumes are not carried: a volume is a directory")
	}
	switch mode := capability.GetAccessMode().GetMode(); mode {
	case csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER,
		csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER,
		csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY:
		return nil
	default:
		return invalid("access mode %s is not carried: one node writes, or none", mode)
	}
}
