package driver

import (
	"testing"

	"atom.example/lab/storage/internal/store"
)

var testNodes = []store.Node{
	{Name: "atom-a-1", Site: "a"}, {Name: "atom-a-2", Site: "a"},
	{Name: "atom-b-1", Site: "b"}, {Name: "atom-b-2", Site: "b"},
	{Name: "atom-c-1", Site: "c"}, {Name: "atom-c-2", Site: "c"},
}

func newTestDriver(t *testing.T) (*Driver, *store.Store) {
	t.Helper()
	keep, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return New(keep, testNodes), keep
}
