// Package store keeps volumes and snapshots as directories of real bytes, one per replica, with one small JSON
// file each that says what they are. The lab's CSI driver writes it; the lab's runner reads it and mirrors
// what containers wrote.
//
//	<data>/volumes/<id>.json                   what a volume is; written by the driver alone
//	<data>/snapshots/<id>.json                 what a snapshot is
//	<data>/groups/<id>.json                    which snapshots were cut together
//	<data>/nodes/<node>/volumes/<id>/          the bytes of one replica
//	<data>/nodes/<node>/snapshots/<id>/        the bytes of one copy of a snapshot
//	<data>/writers/<id>.json                   who may be writing to a volume; written by the runner alone
//	<data>/locks/                              what driver and runner hold while they copy
//
// A record is written before the first byte and removed after the last one, and it says whether it is being
// made or being removed. So a kill at any moment leaves nothing that a restart cannot tell apart.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNotFound is what a read gives for something that is not there.
var ErrNotFound = errors.New("not found")

// Store is the data folder.
type Store struct{ Dir string }

// Open makes the folders that are missing.
func Open(dir string) (*Store, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{Dir: absolute}
	for _, sub := range []string{volumeRecords, snapshotRecords, groupRecords, "nodes", "writers", "locks"} {
		if err := os.MkdirAll(filepath.Join(absolute, sub), 0o700); err != nil {
			return nil, err
		}
	}
	return s, nil
}

const (
	volumeRecords   = "volumes"
	snapshotRecords = "snapshots"
	groupRecords    = "groups"
)

// VolumeDir is the folder of one replica's bytes.
func (s *Store) VolumeDir(node, id string) string {
	return filepath.Join(s.Dir, "nodes", node, "volumes", id)
}

// SnapshotDir is the folder of one copy of a snapshot's bytes.
func (s *Store) SnapshotDir(node, id string) string {
	return filepath.Join(s.Dir, "nodes", node, "snapshots", id)
}

// checkID keeps what comes from outside from naming a file elsewhere.
func checkID(id string) error {
	if id == "" || id == "." || id == ".." || strings.ContainsAny(id, "/\x00") {
		return fmt.Errorf("%w: %q is no id of this driver", ErrNotFound, id)
	}
	return nil
}

func (s *Store) recordPath(kind, id string) string {
	return filepath.Join(s.Dir, kind, id+".json")
}

func readRecord[T any](s *Store, kind, id string) (*T, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	path := s.recordPath(kind, id)
	text, err := os.ReadFile(path)
	// A name that is too long for a file is no id of ours either.
	if errors.Is(err, fs.ErrNotExist) || isTooLong(err) {
		return nil, fmt.Errorf("%w: %s %s", ErrNotFound, strings.TrimSuffix(kind, "s"), id)
	}
	if err != nil {
		return nil, err
	}
	record := new(T)
	if err := json.Unmarshal(text, record); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return record, nil
}

// listRecords gives every record of a kind, ordered by id. One that vanishes meanwhile is left out.
func listRecords[T any](s *Store, kind string) ([]*T, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, kind))
	if err != nil {
		return nil, err
	}
	var records []*T
	for _, entry := range entries {
		id, isRecord := strings.CutSuffix(entry.Name(), ".json")
		if !isRecord {
			continue
		}
		record, err := readRecord[T](s, kind, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func (s *Store) writeRecord(kind, id string, record any) error {
	if err := checkID(id); err != nil {
		return err
	}
	return WriteJSON(s.recordPath(kind, id), record)
}

func (s *Store) removeRecord(kind, id string) error {
	path := s.recordPath(kind, id)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// sortedCopy is a sorted copy of names.
func sortedCopy(names []string) []string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return sorted
}
