package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// State tells a record whose bytes are whole from one that a kill may have left half done.
type State string

// The states of a record.
const (
	Making   State = "making"
	Whole    State = "whole"
	Deleting State = "deleting"
)

// Claim is the PersistentVolumeClaim that something was made for, as the sidecars say it.
type Claim struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

func (c Claim) String() string { return c.Namespace + "/" + c.Name }

// Replica is one copy of a volume.
type Replica struct {
	Node string `json:"node"`
	Site string `json:"site"`
}

// Attachment is what a node may do with a volume.
type Attachment struct {
	ReadOnly bool `json:"readOnly"`
	// Mode is the CSI access mode, by name.
	Mode string `json:"mode"`
}

// Volume is what <data>/volumes/<id>.json says.
type Volume struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	State         State             `json:"state"`
	CapacityBytes int64             `json:"capacityBytes"`
	Parameters    map[string]string `json:"parameters"`
	Claim         Claim             `json:"claim"`
	// FromSnapshot and FromVolume name what the first bytes were copied from.
	FromSnapshot string    `json:"fromSnapshot,omitempty"`
	FromVolume   string    `json:"fromVolume,omitempty"`
	CreatedAt    time.Time `json:"createdAt"`
	// Replicas are in the order of placement; the first one lies at the consumer's site.
	Replicas []Replica             `json:"replicas"`
	Attached map[string]Attachment `json:"attached,omitempty"`
}

// ReplicaNodes are the names of the nodes with a copy, sorted.
func (v *Volume) ReplicaNodes() []string {
	var names []string
	for _, replica := range v.Replicas {
		names = append(names, replica.Node)
	}
	return sortedCopy(names)
}

// Holds tells whether a node has a copy.
func (v *Volume) Holds(node string) bool {
	for _, replica := range v.Replicas {
		if replica.Node == node {
			return true
		}
	}
	return false
}

// Failure is an error that a snapshot turns into some time after it was accepted; tests ask for it.
type Failure struct {
	At      time.Time `json:"at"`
	Code    uint32    `json:"code"`
	Message string    `json:"message"`
}

// Snapshot is what <data>/snapshots/<id>.json says.
type Snapshot struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	State         State     `json:"state"`
	Group         string    `json:"group,omitempty"`
	SourceVolume  string    `json:"sourceVolume"`
	SourceClaim   Claim     `json:"sourceClaim"`
	CapacityBytes int64     `json:"capacityBytes"`
	CreatedAt     time.Time `json:"createdAt"`
	// Nodes hold a copy of the bytes each.
	Nodes []string `json:"nodes"`
	// ReadyAt is later than CreatedAt only where a test asked for it.
	ReadyAt time.Time `json:"readyAt"`
	Failure *Failure  `json:"failure,omitempty"`
}

// Group is what <data>/groups/<id>.json says.
type Group struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	State     State     `json:"state"`
	CreatedAt time.Time `json:"createdAt"`
	// Volumes and Snapshots belong together, one by one; Volumes are sorted.
	Volumes   []string `json:"volumes"`
	Snapshots []string `json:"snapshots"`
}

// NewID gives an id that was never given before: a number that is kept over restarts, and a part that follows
// from the name, so that a person finds the one from the other. The caller sees to it that only one asks at a
// time.
func (s *Store) NewID(prefix, name string) (string, error) {
	path := filepath.Join(s.Dir, "last-id")
	number := 0
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	if err == nil {
		if number, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return "", fmt.Errorf("%s is damaged: %w", path, err)
		}
	}
	if err := WriteJSON(path, number+1); err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(name))
	return fmt.Sprintf("%s-%06d-%s", prefix, number+1, hex.EncodeToString(digest[:6])), nil
}

// Volume reads one record. Volumes, Snapshot and so on do the same for theirs.
func (s *Store) Volume(id string) (*Volume, error) { return readRecord[Volume](s, volumeRecords, id) }
func (s *Store) Volumes() ([]*Volume, error)       { return listRecords[Volume](s, volumeRecords) }
func (s *Store) Snapshot(id string) (*Snapshot, error) {
	return readRecord[Snapshot](s, snapshotRecords, id)
}
func (s *Store) Snapshots() ([]*Snapshot, error) { return listRecords[Snapshot](s, snapshotRecords) }
func (s *Store) Group(id string) (*Group, error) { return readRecord[Group](s, groupRecords, id) }
func (s *Store) Groups() ([]*Group, error)       { return listRecords[Group](s, groupRecords) }

// SaveVolume writes one record. SaveGroup does the same for its own.
func (s *Store) SaveVolume(v *Volume) error     { return s.writeRecord(volumeRecords, v.ID, v) }
func (s *Store) saveSnapshot(r *Snapshot) error { return s.writeRecord(snapshotRecords, r.ID, r) }
func (s *Store) saveGroup(g *Group) error       { return s.writeRecord(groupRecords, g.ID, g) }
