package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrInUse is what Own gives if another driver runs on the same folder.
var ErrInUse = errors.New("another driver runs on this folder")

// Own takes the folder for one driver alone, until the process ends.
func (s *Store) Own() (*Lock, error) {
	path := filepath.Join(s.Dir, "driver.lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return &Lock{file}, nil
}

// Recover puts right what a kill left: what was half made and never answered is removed, what was being
// removed is removed, writers that were held go on. It gives a line for each thing done.
func (s *Store) Recover() ([]string, error) {
	var done []string
	if err := s.thawAll(); err != nil {
		return nil, err
	}
	if err := s.clearTemporary(); err != nil {
		return nil, err
	}
	groups, err := s.Groups()
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if group.State != Whole {
			done = append(done, fmt.Sprintf("removed group snapshot %s, which was %s", group.ID, group.State))
			if err := s.RemoveGroup(group); err != nil {
				return done, err
			}
		}
	}
	snapshots, err := s.Snapshots()
	if err != nil {
		return done, err
	}
	for _, snapshot := range snapshots {
		if snapshot.State != Whole {
			done = append(done, fmt.Sprintf("removed snapshot %s, which was %s", snapshot.ID, snapshot.State))
			if err := s.RemoveSnapshot(snapshot); err != nil {
				return done, err
			}
		}
	}
	volumes, err := s.Volumes()
	if err != nil {
		return done, err
	}
	for _, volume := range volumes {
		if volume.State != Whole {
			done = append(done, fmt.Sprintf("removed volume %s, which was %s", volume.ID, volume.State))
			if err := s.RemoveVolume(volume); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// thawAll lets writers go on that a killed driver had stopped; those that the runner holds right now wait
// for it.
func (s *Store) thawAll() error {
	ids, err := s.WrittenVolumes()
	if err != nil {
		return err
	}
	spaces := map[string]bool{}
	for _, id := range ids {
		writing, err := s.Writing(id)
		if err != nil {
			return err
		}
		if writing == nil {
			continue
		}
		for _, writer := range writing.Writers {
			if writer.Alive() {
				spaces[mountNamespace(writer.PID)] = true
			}
		}
	}
	delete(spaces, "")
	delete(spaces, mountNamespace(os.Getpid()))
	lock, err := s.lockFreezing()
	if err != nil {
		return err
	}
	(&Frozen{pids: members(spaces), lock: lock}).Thaw()
	return nil
}

// clearTemporary removes records that were never renamed to their name.
func (s *Store) clearTemporary() error {
	for _, kind := range []string{volumeRecords, snapshotRecords, groupRecords, "."} {
		left, err := filepath.Glob(filepath.Join(s.Dir, kind, ".new-*"))
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}
