package store

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// churnVariable makes the test program a victim: it makes, cuts and removes in this folder until it is killed.
const churnVariable = "ATOM_LAB_CHURN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(churnVariable); dir != "" {
		if err := churn(dir); err != nil {
			fmt.Println(err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// churn says a line for each thing that it was told is done.
func churn(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	for round := 0; ; round++ {
		names := []string{fmt.Sprint("one-", round), fmt.Sprint("two-", round)}
		var members []*Snapshot
		var ids []string
		for _, name := range names {
			v := &Volume{Name: name, Replicas: []Replica{{"a1", "a"}, {"b1", "b"}}}
			if v.ID, err = s.NewID("vol", name); err != nil {
				return err
			}
			if err := s.MakeVolume(v, ""); err != nil {
				return err
			}
			fmt.Println("volume", v.ID)
			for i := range 5 {
				text := []byte(strings.Repeat(fmt.Sprint(round, i), 5000))
				if err := os.WriteFile(filepath.Join(s.VolumeDir("a1", v.ID), fmt.Sprint(i)), text, 0o600); err != nil {
					return err
				}
			}
			if err := s.Resync(v, &Writing{Node: "a1"}); err != nil {
				return err
			}
			member := &Snapshot{Name: name, SourceVolume: v.ID, Group: fmt.Sprint("group-", round)}
			if member.ID, err = s.NewID("snap", name); err != nil {
				return err
			}
			members, ids = append(members, member), append(ids, member.ID)
		}
		group := &Group{ID: fmt.Sprint("group-", round), Name: "g", Snapshots: ids}
		err := errors.Join(s.BeginGroup(group), s.Cut(members, time.Now), s.EndGroup(group, time.Now()))
		if err != nil {
			return err
		}
		fmt.Println("group", group.ID)
		if round%2 == 1 {
			if err := s.RemoveGroup(group); err != nil {
				return err
			}
			fmt.Println("removed", group.ID)
		}
	}
}

// TestKilledAtAnyMoment kills the victim at random moments. Afterwards everything that was said to be done is
// there and whole, and nothing is there that has no record.
func TestKilledAtAnyMoment(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	repaired := 0
	dir := t.TempDir()
	for kill := range 20 {
		said := churnFor(t, dir, time.Duration(20+random.IntN(60))*time.Millisecond)
		s, err := Open(dir)
		must(t, err)
		own, err := s.Own()
		must(t, err)
		done, err := s.Recover()
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		repaired += len(done)
		own.Unlock()
		checkWhole(t, s)
		checkSaid(t, s, said)
		// The next victim starts with an empty folder but for the ids, which never come again.
		for _, kind := range []string{volumeRecords, snapshotRecords, groupRecords, "nodes", "locks"} {
			must(t, os.RemoveAll(filepath.Join(dir, kind)))
		}
	}
	if repaired == 0 {
		t.Fatal("no kill hit anything that had to be repaired: the test shows nothing")
	}
}

func churnFor(t *testing.T, dir string, after time.Duration) map[string]string {
	t.Helper()
	victim := exec.Command("/proc/self/exe")
	victim.Env = append(os.Environ(), churnVariable+"="+dir)
	out, err := victim.StdoutPipe()
	must(t, err)
	must(t, victim.Start())
	lines := bufio.NewScanner(out)
	said := map[string]string{}
	var once *time.Timer
	for lines.Scan() {
		if once == nil {
			once = time.AfterFunc(after, func() { victim.Process.Kill() })
		}
		what, id, known := strings.Cut(lines.Text(), " ")
		if !known || !strings.Contains("volume group removed", what) {
			t.Fatalf("the victim says %q", lines.Text())
		}
		said[id] = what
	}
	if err := victim.Wait(); err == nil || victim.ProcessState.ExitCode() != -1 {
		t.Fatalf("the victim was not killed: %v", err)
	}
	return said
}

func checkSaid(t *testing.T, s *Store, said map[string]string) {
	t.Helper()
	for id, what := range said {
		var err error
		switch what {
		case "volume":
			_, err = s.Volume(id)
		case "group":
			_, err = s.Group(id)
			if errors.Is(err, ErrNotFound) && strings.ContainsAny(id[len(id)-1:], "13579") {
				err = nil // Of an odd round: it was being removed.
			}
		case "removed":
			if _, err = s.Group(id); errors.Is(err, ErrNotFound) {
				err = nil
			} else {
				err = fmt.Errorf("still there: %v", err)
			}
		}
		if err != nil {
			t.Fatalf("%s %s: %v", what, id, err)
		}
	}
}

// checkWhole compares folders with records, both ways.
func checkWhole(t *testing.T, s *Store) {
	t.Helper()
	known := map[string]bool{}
	volumes, err := s.Volumes()
	must(t, err)
	for _, v := range volumes {
		if v.State != Whole {
			t.Fatalf("volume %s is %s", v.ID, v.State)
		}
		for _, replica := range v.Replicas {
			known[s.VolumeDir(replica.Node, v.ID)] = true
		}
	}
	snapshots, err := s.Snapshots()
	must(t, err)
	for _, snapshot := range snapshots {
		if snapshot.State != Whole {
			t.Fatalf("snapshot %s is %s", snapshot.ID, snapshot.State)
		}
		if _, err := s.Group(snapshot.Group); err != nil {
			t.Fatalf("snapshot %s: %v", snapshot.ID, err)
		}
		for _, node := range snapshot.Nodes {
			known[s.SnapshotDir(node, snapshot.ID)] = true
			equalTrees(t, s.SnapshotDir(snapshot.Nodes[0], snapshot.ID), s.SnapshotDir(node, snapshot.ID))
		}
		equalTrees(t, s.VolumeDir("a1", snapshot.SourceVolume), s.SnapshotDir("a1", snapshot.ID))
	}
	present, err := filepath.Glob(filepath.Join(s.Dir, "nodes", "*", "*", "*"))
	must(t, err)
	for _, dir := range present {
		if !known[dir] {
			t.Fatalf("%s has no record", dir)
		}
		delete(known, dir)
	}
	for dir := range known {
		t.Fatalf("%s is missing", dir)
	}
	left, err := filepath.Glob(filepath.Join(s.Dir, "*", ".new-*"))
	must(t, err)
	if len(left) > 0 {
		t.Fatalf("temporary files are left: %v", left)
	}
}
