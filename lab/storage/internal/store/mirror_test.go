package store

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMirrorKeepsEverything(t *testing.T) {
	source, target := t.TempDir(), filepath.Join(t.TempDir(), "new")
	write(t, filepath.Join(source, "a"), "text")
	write(t, filepath.Join(source, "deep/er/b"), "more")
	write(t, filepath.Join(source, "empty"), "")
	must(t, os.Mkdir(filepath.Join(source, "bare"), 0o711))
	must(t, os.Symlink("deep/er/b", filepath.Join(source, "link")))
	must(t, os.Symlink("/nowhere", filepath.Join(source, "broken")))
	must(t, os.Link(filepath.Join(source, "a"), filepath.Join(source, "deep/same")))
	must(t, unix.Mkfifo(filepath.Join(source, "pipe"), 0o640))
	must(t, os.Chmod(filepath.Join(source, "deep/er/b"), 0o4751|fs.ModeSetuid))
	old := time.Date(2001, 2, 3, 4, 5, 6, 7, time.UTC)
	must(t, os.Chtimes(filepath.Join(source, "deep"), old, old))
	must(t, Mirror(source, target))
	equalTrees(t, source, target)
}

func TestMirrorSeesBytesThatTimesHide(t *testing.T) {
	source, target := t.TempDir(), t.TempDir()
	at := filepath.Join(source, "x")
	write(t, at, "one")
	old := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	must(t, os.Chtimes(at, old, old))
	must(t, Mirror(source, target))
	write(t, at, "two")
	must(t, os.Chtimes(at, old, old))
	must(t, Mirror(source, target))
	if got := read(t, filepath.Join(target, "x")); got != "two" {
		t.Fatalf("target has %q, not the bytes of the second write", got)
	}
}

func TestMirrorSeparatesNamesThatSourceDoesNotJoin(t *testing.T) {
	source, target := t.TempDir(), t.TempDir()
	for _, name := range []string{"a", "b", "c", "d"} {
		write(t, filepath.Join(source, name), "same")
	}
	must(t, Mirror(source, target))
	for _, name := range []string{"b", "c", "d"} {
		must(t, os.Remove(filepath.Join(target, name)))
		must(t, os.Link(filepath.Join(target, "a"), filepath.Join(target, name)))
	}
	must(t, os.Remove(filepath.Join(source, "d")))
	must(t, os.Link(filepath.Join(source, "c"), filepath.Join(source, "d")))
	must(t, Mirror(source, target))
	equalTrees(t, source, target)
}

func TestMirrorKeepsHoles(t *testing.T) {
	source, target := t.TempDir(), t.TempDir()
	at := filepath.Join(source, "sparse")
	write(t, at, "start")
	must(t, os.Truncate(at, 1<<30))
	must(t, Mirror(source, target))
	var stat unix.Stat_t
	must(t, unix.Stat(filepath.Join(target, "sparse"), &stat))
	if stat.Size != 1<<30 || stat.Blocks*512 > 1<<20 {
		t.Fatalf("the copy has %d bytes on %d of disk", stat.Size, stat.Blocks*512)
	}
}

// TestMirrorAfterAnyChange changes a tree at random and mirrors it into the copy of the tree before.
func TestMirrorAfterAnyChange(t *testing.T) {
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 1))
		source, target := t.TempDir(), t.TempDir()
		for round := range 6 {
			for range 12 {
				disturb(t, random, source)
			}
			must(t, Mirror(source, target))
			if describe(t, source) != describe(t, target) {
				t.Errorf("seed %d, round %d", seed, round)
				equalTrees(t, source, target)
			}
		}
	}
}

// disturb does one random thing to a tree.
func disturb(t *testing.T, random *rand.Rand, root string) {
	t.Helper()
	dir := root
	if random.IntN(2) == 0 {
		dir = filepath.Join(root, fmt.Sprint("d", random.IntN(3)))
		if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
			must(t, os.Remove(dir))
		}
		must(t, os.MkdirAll(dir, 0o755))
	}
	at := filepath.Join(dir, fmt.Sprint("n", random.IntN(5)))
	switch random.IntN(7) {
	case 0:
		must(t, os.RemoveAll(at))
		must(t, os.Mkdir(at, 0o755))
		write(t, filepath.Join(at, "inner"), fmt.Sprint(random.Uint64()))
	case 1:
		must(t, os.RemoveAll(at))
	case 2:
		must(t, os.RemoveAll(at))
		must(t, os.Symlink(fmt.Sprint("to", random.IntN(3)), at))
	case 3:
		other := filepath.Join(root, "n0")
		if info, err := os.Lstat(other); err == nil && info.Mode().IsRegular() && other != at {
			must(t, os.RemoveAll(at))
			must(t, os.Link(other, at))
		}
	case 4:
		if info, err := os.Lstat(at); err == nil && info.Mode().IsRegular() {
			must(t, os.Chmod(at, os.FileMode(0o600+random.IntN(0o100))))
		}
	default:
		if info, err := os.Lstat(at); err == nil && !info.Mode().IsRegular() {
			must(t, os.RemoveAll(at))
		}
		write(t, at, fmt.Sprint(random.IntN(10)))
	}
}
