package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Cut copies the volumes as they are at one moment, one snapshot each, and gives that moment to all of them.
// The snapshots come with id, name, group and whatever else the caller decides; what follows from the volume
// is filled in here. If one fails, none is left.
func (s *Store) Cut(snapshots []*Snapshot, now func() time.Time) error {
	byVolume := map[string]*Snapshot{}
	var ids []string
	for _, snapshot := range snapshots {
		byVolume[snapshot.SourceVolume] = snapshot
		ids = append(ids, snapshot.SourceVolume)
	}
	err := s.HoldStill(sortedCopy(ids), func(still []Still) error {
		at := now()
		for _, one := range still {
			if err := s.copyStill(one, byVolume[one.Volume.ID], at); err != nil {
				return err
			}
		}
		return nil
	})
	// The writers go on: the further copies are made from the first one.
	for _, snapshot := range snapshots {
		if err == nil {
			err = s.spread(snapshot)
		}
	}
	if err == nil {
		return nil
	}
	for _, snapshot := range snapshots {
		if snapshot.State != "" {
			err = errors.Join(err, s.RemoveSnapshot(snapshot))
		}
	}
	return err
}

func (s *Store) copyStill(one Still, snapshot *Snapshot, at time.Time) error {
	snapshot.State = Making
	snapshot.SourceClaim = one.Volume.Claim
	snapshot.CapacityBytes = one.Volume.CapacityBytes
	snapshot.CreatedAt = at
	snapshot.Nodes = one.Volume.ReplicaNodes()
	if err := s.saveSnapshot(snapshot); err != nil {
		return err
	}
	return s.copyTo(one.Dir, snapshot.Nodes[0], snapshot.ID)
}

func (s *Store) copyTo(source, node, id string) error {
	target := s.SnapshotDir(node, id)
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	return Mirror(source, target)
}

func (s *Store) spread(snapshot *Snapshot) error {
	first := s.SnapshotDir(snapshot.Nodes[0], snapshot.ID)
	for _, node := range snapshot.Nodes[1:] {
		if err := s.copyTo(first, node, snapshot.ID); err != nil {
			return err
		}
	}
	snapshot.State = Whole
	return s.saveSnapshot(snapshot)
}

// RemoveSnapshot removes every copy and then the record. Done again it goes on where it stopped.
func (s *Store) RemoveSnapshot(snapshot *Snapshot) error {
	snapshot.State = Deleting
	if err := s.saveSnapshot(snapshot); err != nil {
		return err
	}
	for _, node := range snapshot.Nodes {
		if err := RemoveTree(s.SnapshotDir(node, snapshot.ID)); err != nil {
			return err
		}
	}
	return s.removeRecord(snapshotRecords, snapshot.ID)
}

// SnapshotSource is a folder with the bytes of a snapshot.
func (s *Store) SnapshotSource(snapshot *Snapshot) (string, error) {
	for _, node := range snapshot.Nodes {
		dir := s.SnapshotDir(node, snapshot.ID)
		if _, err := os.Stat(dir); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("snapshot %s has no copy left on any of its nodes", snapshot.ID)
}

// BeginGroup writes the record before any of its snapshots, so that a kill leaves no member without a group.
func (s *Store) BeginGroup(g *Group) error {
	g.State = Making
	return s.saveGroup(g)
}

// EndGroup says that every member is whole.
func (s *Store) EndGroup(g *Group, at time.Time) error {
	g.State, g.CreatedAt = Whole, at
	return s.saveGroup(g)
}

// RemoveGroup removes every member and then the record. Done again it goes on where it stopped.
func (s *Store) RemoveGroup(g *Group) error {
	g.State = Deleting
	if err := s.saveGroup(g); err != nil {
		return err
	}
	for _, id := range g.Snapshots {
		snapshot, err := s.Snapshot(id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil {
			err = s.RemoveSnapshot(snapshot)
		}
		if err != nil {
			return err
		}
	}
	return s.removeRecord(groupRecords, g.ID)
}
