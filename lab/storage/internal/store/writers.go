package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Writing says that one replica may be ahead of the others. It stands from before a container that can write
// starts until what it wrote is on every replica, so a kill in between is seen.
type Writing struct {
	// Node has the replica that is written to; it counts until the others are equal again.
	Node    string   `json:"node"`
	Writers []Writer `json:"writers"`
}

// Writer is one container that can write, known by its first process. A process number is given again, so the
// time of its start belongs to it.
type Writer struct {
	Pod       string `json:"pod"`
	Container string `json:"container"`
	PID       int    `json:"pid"`
	StartTime string `json:"startTime"`
}

func (s *Store) writingPath(id string) string { return filepath.Join(s.Dir, "writers", id+".json") }

// Writing reads who may be writing, nil if all replicas are equal. The caller holds the volume's lock.
func (s *Store) Writing(id string) (*Writing, error) {
	w, err := readRecord[Writing](s, "writers", id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return w, err
}

// SaveWriting writes it. The caller holds the volume's lock.
func (s *Store) SaveWriting(id string, w *Writing) error { return WriteJSON(s.writingPath(id), w) }

// EndWriting says that all replicas are equal. The caller holds the volume's lock.
func (s *Store) EndWriting(id string) error { return s.removeRecord("writers", id) }

// WrittenVolumes are the ids of the volumes whose replicas may differ.
func (s *Store) WrittenVolumes() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, "writers"))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, entry := range entries {
		if id, isRecord := strings.CutSuffix(entry.Name(), ".json"); isRecord {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// StartTime is the moment a process started, in the kernel's own count; empty if it does not run.
func StartTime(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is the program's name, which may hold spaces and brackets.
	_, rest, found := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return ""
	}
	if fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// Alive tells whether the container's first process still runs.
func (w Writer) Alive() bool { return w.PID > 0 && StartTime(w.PID) == w.StartTime }

// Frozen are processes that were stopped so that nothing is written while a copy is made.
type Frozen struct {
	pids []int
	lock *Lock
}

// freezeFor is how long stopping the writers may take.
const freezeFor = 5 * time.Second

// Freeze stops every process of the writers' containers: those that share the mount namespace of a
// container's first process. It returns once all of them stand still.
func (s *Store) Freeze(writers []Writer) (*Frozen, error) {
	frozen := &Frozen{}
	spaces := map[string]bool{}
	for _, writer := range writers {
		if !writer.Alive() {
			continue
		}
		if space := mountNamespace(writer.PID); space != "" {
			spaces[space] = true
		}
	}
	if len(spaces) == 0 {
		return frozen, nil
	}
	delete(spaces, mountNamespace(os.Getpid()))
	lock, err := s.lockFreezing()
	if err != nil {
		return nil, err
	}
	frozen.lock = lock
	end := time.Now().Add(freezeFor)
	stopped := map[int]bool{}
	for {
		moving := false
		for _, pid := range members(spaces) {
			if !stopped[pid] {
				stopped[pid] = true
				moving = true
				if err := unix.Kill(pid, unix.SIGSTOP); err != nil && err != unix.ESRCH {
					frozen.Thaw()
					return nil, fmt.Errorf("process %d cannot be stopped: %w", pid, err)
				}
				frozen.pids = append(frozen.pids, pid)
			}
			moving = moving || !stands(pid)
		}
		if !moving {
			return frozen, nil
		}
		if time.Now().After(end) {
			frozen.Thaw()
			return nil, fmt.Errorf("the writers do not stand still within %s", freezeFor)
		}
		time.Sleep(time.Millisecond)
	}
}

// Thaw lets the processes go on.
func (f *Frozen) Thaw() {
	for _, pid := range f.pids {
		// One that ended meanwhile needs nothing.
		_ = unix.Kill(pid, unix.SIGCONT)
	}
	f.pids = nil
	if f.lock != nil {
		f.lock.Unlock()
		f.lock = nil
	}
}

func mountNamespace(pid int) string {
	space, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		return ""
	}
	return space
}

// members are the processes in any of the mount namespaces.
func members(spaces map[string]bool) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && spaces[mountNamespace(pid)] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stands tells whether every thread of a process is stopped, or the process is gone.
func stands(pid int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return false
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue
		}
		if err != nil {
			return false
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) == 0 || !strings.Contains("TtZX", fields[0]) {
			return false
		}
	}
	return true
}
