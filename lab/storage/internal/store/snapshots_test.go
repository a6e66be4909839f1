package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	must(t, err)
	return s
}

func makeVolume(t *testing.T, s *Store, name string, from string, nodes ...string) *Volume {
	t.Helper()
	id, err := s.NewID("vol", name)
	must(t, err)
	v := &Volume{ID: id, Name: name, CapacityBytes: 1 << 20, Claim: Claim{"atom", name}}
	for _, node := range nodes {
		v.Replicas = append(v.Replicas, Replica{Node: node, Site: node[:1]})
	}
	must(t, s.MakeVolume(v, from))
	return v
}

// fill writes to one replica and makes the others equal, as the runner does.
func fill(t *testing.T, s *Store, v *Volume, node string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		write(t, filepath.Join(s.VolumeDir(node, v.ID), name), text)
	}
	must(t, s.Resync(v, &Writing{Node: node}))
}

func cut(t *testing.T, s *Store, name string, v *Volume) *Snapshot {
	t.Helper()
	id, err := s.NewID("snap", name)
	must(t, err)
	snapshot := &Snapshot{ID: id, Name: name, SourceVolume: v.ID}
	must(t, s.Cut([]*Snapshot{snapshot}, time.Now))
	return snapshot
}

func TestRestoreHasTheBytesOfTheCut(t *testing.T) {
	s := open(t)
	v := makeVolume(t, s, "data", "", "a1", "b1", "c1")
	fill(t, s, v, "b1", map[string]string{"x": "before", "d/y": "deep"})
	before := describe(t, s.VolumeDir("b1", v.ID))
	snapshot := cut(t, s, "cut", v)
	fill(t, s, v, "a1", map[string]string{"x": "after", "z": "new"})
	must(t, os.Remove(filepath.Join(s.VolumeDir("a1", v.ID), "d/y")))
	must(t, s.RemoveVolume(v))
	for _, node := range []string{"a1", "b1", "c1"} {
		if got := describe(t, s.SnapshotDir(node, snapshot.ID)); got != before {
			t.Fatalf("the copy on %s is\n%s\nnot\n%s", node, got, before)
		}
	}
	source, err := s.SnapshotSource(snapshot)
	must(t, err)
	restored := makeVolume(t, s, "restored", source, "a2", "c2")
	for _, node := range []string{"a2", "c2"} {
		if got := describe(t, s.VolumeDir(node, restored.ID)); got != before {
			t.Fatalf("the restored replica on %s is\n%s\nnot\n%s", node, got, before)
		}
	}
	if snapshot.CapacityBytes != 1<<20 || snapshot.SourceClaim.String() != "atom/data" {
		t.Fatalf("the snapshot says %+v", snapshot)
	}
}

func TestCutTakesTheReplicaThatIsAhead(t *testing.T) {
	s := open(t)
	v := makeVolume(t, s, "data", "", "a1", "b1")
	must(t, s.SaveWriting(v.ID, &Writing{Node: "b1"}))
	write(t, filepath.Join(s.VolumeDir("b1", v.ID), "x"), "ahead")
	snapshot := cut(t, s, "cut", v)
	if got := read(t, filepath.Join(s.SnapshotDir("a1", snapshot.ID), "x")); got != "ahead" {
		t.Fatalf("the copy has %q", got)
	}
}

func TestRemovedSnapshotLeavesNothing(t *testing.T) {
	s := open(t)
	v := makeVolume(t, s, "data", "", "a1", "b1")
	snapshot := cut(t, s, "cut", v)
	must(t, s.RemoveSnapshot(snapshot))
	if _, err := s.Snapshot(snapshot.ID); !errors.Is(err, ErrNotFound) {
		t.Fatalf("reading it gives %v", err)
	}
	for _, node := range []string{"a1", "b1"} {
		if _, err := os.Stat(s.SnapshotDir(node, snapshot.ID)); !os.IsNotExist(err) {
			t.Fatalf("its folder on %s gives %v", node, err)
		}
	}
	if again := cut(t, s, "cut", v); again.ID == snapshot.ID {
		t.Fatalf("the id %s was given again", again.ID)
	}
}

func TestCutThatFailsLeavesNothing(t *testing.T) {
	s := open(t)
	good := makeVolume(t, s, "good", "", "a1", "b1")
	bad := makeVolume(t, s, "bad", "", "a1", "b1")
	for _, node := range []string{"a1", "b1"} {
		must(t, os.RemoveAll(s.VolumeDir(node, bad.ID)))
	}
	group := []*Snapshot{
		{ID: "snap-1", Name: "1", SourceVolume: good.ID}, {ID: "snap-2", Name: "2", SourceVolume: bad.ID},
	}
	err := s.Cut(group, time.Now)
	if err == nil || err.Error() != "volume "+bad.ID+" has no replica left" {
		t.Fatalf("the cut gives %v", err)
	}
	left, err := s.Snapshots()
	must(t, err)
	if len(left) != 0 {
		t.Fatalf("%d snapshots are left", len(left))
	}
}

func TestIdsFromOutsideNameNoFile(t *testing.T) {
	s := open(t)
	write(t, filepath.Join(s.Dir, "secret.json"), "{}")
	for _, id := range []string{"", ".", "..", "../secret", "a/b", string(make([]byte, 300))} {
		if _, err := s.Volume(id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q gives %v", id, err)
		}
	}
}
