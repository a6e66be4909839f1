package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	fields := processFields(fmt.Sprintf("/proc/%d/stat", pid))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[19]
}

// Alive tells whether the container's first process still runs.
func (w Writer) Alive() bool { return w.PID > 0 && StartTime(w.PID) == w.StartTime }
