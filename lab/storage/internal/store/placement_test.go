package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

var sixNodes = []Node{
	{"a1", "a"}, {"a2", "a"}, {"b1", "b"}, {"b2", "b"}, {"c1", "c"}, {"c2", "c"},
}

func TestPlace(t *testing.T) {
	const zone = "topology.kubernetes.io/zone"
	cases := []struct {
		name   string
		nodes  []Node
		load   map[string]int
		demand Demand
		want   string
	}{
		{"two sites, consumer's first", sixNodes, nil, Demand{2, 1, []string{"c", "a", "b"}, zone}, "[{c1 c} {a1 a}]"},
		{"the node with less of a site", sixNodes, map[string]int{"c1": 1}, Demand{2, 1, []string{"c", "a"}, zone}, "[{c2 c} {a1 a}]"},
		{"one each before two", sixNodes, nil, Demand{4, 2, []string{"b"}, zone}, "[{b1 b} {b2 b} {a1 a} {c1 c}]"},
		{"nodes only", sixNodes[:3], nil, Demand{3, 0, []string{"a"}, zone}, "[{a1 a} {a2 a} {b1 b}]"},
		{"outside the allowed sites only if need be", sixNodes, nil, Demand{3, 1, []string{"b", "a"}, zone}, "[{b1 b} {a1 a} {c1 c}]"},
		{"no preference", sixNodes, nil, Demand{3, 1, nil, zone}, "[{a1 a} {b1 b} {c1 c}]"},
		{"more copies than sites", sixNodes, nil, Demand{4, 1, nil, zone},
			"4 copies cannot be placed with one per node and at most 1 per value of topology.kubernetes.io/zone: there is room for 3 (storage nodes: a has 2, b has 2, c has 2)"},
		{"more copies than nodes", sixNodes[:2], nil, Demand{3, 0, nil, zone},
			"3 copies cannot be placed with one per node: there is room for 2 (storage nodes: a has 2)"},
		{"a site with one node", sixNodes[1:4], nil, Demand{4, 2, nil, zone},
			"4 copies cannot be placed with one per node and at most 2 per value of topology.kubernetes.io/zone: there is room for 3 (storage nodes: a has 1, b has 2)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			replicas, err := Place(c.nodes, c.load, c.demand)
			got := fmt.Sprint(replicas)
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Fatalf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestPlaceIsHard compares any placement with the rules, and any refusal with a count of the room.
func TestPlaceIsHard(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	placed, refused := 0, 0
	for range 5000 {
		var nodes []Node
		perSite := map[string]int{}
		for i := range random.IntN(9) + 1 {
			site := string(rune('a' + random.IntN(4)))
			nodes = append(nodes, Node{fmt.Sprint("n", i), site})
			perSite[site]++
		}
		demand := Demand{Copies: random.IntN(6) + 1, PerSite: random.IntN(3)}
		if random.IntN(2) == 0 {
			demand.Allowed = []string{string(rune('a' + random.IntN(4)))}
		}
		room := 0
		for _, count := range perSite {
			if demand.PerSite > 0 {
				count = min(count, demand.PerSite)
			}
			room += count
		}
		replicas, err := Place(nodes, map[string]int{"n0": random.IntN(3)}, demand)
		if (err == nil) != (room >= demand.Copies) {
			t.Fatalf("%v on %v: room for %d, but %v", demand, nodes, room, err)
		}
		if err != nil {
			refused++
			continue
		}
		placed++
		seen, sites := map[string]bool{}, map[string]int{}
		for _, replica := range replicas {
			sites[replica.Site]++
			if seen[replica.Node] || (demand.PerSite > 0 && sites[replica.Site] > demand.PerSite) {
				t.Fatalf("%v on %v: %v", demand, nodes, replicas)
			}
			seen[replica.Node] = true
		}
		if len(replicas) != demand.Copies {
			t.Fatalf("%v on %v: %d copies", demand, nodes, len(replicas))
		}
		if len(demand.Allowed) > 0 && perSite[demand.Allowed[0]] > 0 && replicas[0].Site != demand.Allowed[0] {
			t.Fatalf("%v on %v: the first copy is at %s", demand, nodes, replicas[0].Site)
		}
	}
	if placed < 1000 || refused < 500 {
		t.Fatalf("%d placed and %d refused show too little", placed, refused)
	}
}
