package store

import (
	"fmt"
	"slices"
	"strings"
)

// Node is one storage node of the inventory.
type Node struct {
	Name string `json:"name"`
	Site string `json:"site"`
}

// Demand is what the class asks of the copies of one volume.
type Demand struct {
	Copies int
	// PerSite is the most copies that a site may hold; 0 means that only nodes count.
	PerSite int
	// Allowed are the sites to use first, in the order of preference; others are used only where these do not
	// suffice, as CSI says it. Empty means any.
	Allowed []string
	// Spread names the rule in a refusal.
	Spread string
}

// Place chooses the nodes, hard: never two copies on one node, never more per site than demanded. Of the nodes
// of a site the one with the fewest copies is taken, so that sites fill evenly; the name decides between
// equals, so that the same question has the same answer.
func Place(nodes []Node, load map[string]int, demand Demand) ([]Replica, error) {
	var chosen []Replica
	perSite, used := map[string]int{}, map[string]bool{}
	for len(chosen) < demand.Copies {
		best, found := Node{}, false
		for _, node := range nodes {
			if used[node.Name] || (demand.PerSite > 0 && perSite[node.Site] >= demand.PerSite) {
				continue
			}
			if !found || before(node, best, perSite, load, demand.Allowed) {
				best, found = node, true
			}
		}
		if !found {
			return nil, unsatisfiable(nodes, demand)
		}
		used[best.Name] = true
		perSite[best.Site]++
		chosen = append(chosen, Replica{Node: best.Name, Site: best.Site})
	}
	return chosen, nil
}

// before tells which node is better: at an allowed site, at a site with fewer copies of this volume, at the
// more preferred site, with less on it, by name.
func before(a, b Node, perSite, load map[string]int, allowed []string) bool {
	rankA, rankB := rank(a.Site, allowed), rank(b.Site, allowed)
	outA, outB := rankA == len(allowed), rankB == len(allowed)
	switch {
	case outA != outB:
		return outB
	case perSite[a.Site] != perSite[b.Site]:
		return perSite[a.Site] < perSite[b.Site]
	case rankA != rankB:
		return rankA < rankB
	case load[a.Name] != load[b.Name]:
		return load[a.Name] < load[b.Name]
	}
	return a.Name < b.Name
}

// rank is the place of a site in the order of preference, the length of the list for one that is not in it.
func rank(site string, allowed []string) int {
	if at := slices.Index(allowed, site); at >= 0 {
		return at
	}
	return len(allowed)
}

func unsatisfiable(nodes []Node, demand Demand) error {
	counts := map[string]int{}
	var sites []string
	for _, node := range nodes {
		if counts[node.Site] == 0 {
			sites = append(sites, node.Site)
		}
		counts[node.Site]++
	}
	slices.Sort(sites)
	room := 0
	var words []string
	for _, site := range sites {
		room += counts[site]
		if demand.PerSite > 0 {
			room += min(counts[site], demand.PerSite) - counts[site]
		}
		words = append(words, fmt.Sprintf("%s has %d", site, counts[site]))
	}
	rule := "one per node"
	if demand.PerSite > 0 {
		rule += fmt.Sprintf(" and at most %d per value of %s", demand.PerSite, demand.Spread)
	}
	return fmt.Errorf("%d copies cannot be placed with %s: there is room for %d (storage nodes: %s)",
		demand.Copies, rule, room, strings.Join(words, ", "))
}

// Load counts the copies on each node.
func (s *Store) Load() (map[string]int, error) {
	volumes, err := s.Volumes()
	if err != nil {
		return nil, err
	}
	load := map[string]int{}
	for _, volume := range volumes {
		for _, replica := range volume.Replicas {
			load[replica.Node]++
		}
	}
	return load, nil
}
