package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MakeVolume writes the record and one folder per replica, each with a copy of what lies in from, or empty if
// from is "". If it fails nothing is left.
func (s *Store) MakeVolume(v *Volume, from string) error {
	v.State = Making
	if err := s.SaveVolume(v); err != nil {
		return err
	}
	err := s.fillReplicas(v, from)
	if err == nil {
		v.State = Whole
		err = s.SaveVolume(v)
	}
	if err != nil {
		return errors.Join(err, s.RemoveVolume(v))
	}
	return nil
}

func (s *Store) fillReplicas(v *Volume, from string) error {
	for _, replica := range v.Replicas {
		dir := s.VolumeDir(replica.Node, v.ID)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		// As a kubelet does for fsGroup: whoever the container runs as may write.
		if err := os.Chmod(dir, 0o777); err != nil {
			return err
		}
		if from == "" {
			if err := syncDir(filepath.Dir(dir)); err != nil {
				return err
			}
			continue
		}
		if err := Mirror(from, dir); err != nil {
			return err
		}
	}
	return nil
}

// RemoveVolume removes the bytes of every replica and then the record. Done again it goes on where it stopped.
func (s *Store) RemoveVolume(v *Volume) error {
	lock, err := s.LockVolume(v.ID)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	v.State = Deleting
	if err := s.SaveVolume(v); err != nil {
		return err
	}
	for _, replica := range v.Replicas {
		if err := RemoveTree(s.VolumeDir(replica.Node, v.ID)); err != nil {
			return err
		}
	}
	if err := s.EndWriting(v.ID); err != nil {
		return err
	}
	if err := s.removeRecord(volumeRecords, v.ID); err != nil {
		return err
	}
	s.forgetLock(v.ID)
	return nil
}

// Still is one volume whose bytes do not move.
type Still struct {
	Volume *Volume
	// Dir has the bytes that count: the replica that is being written to, else the first one.
	Dir string
}

// HoldStill locks the volumes, stops whoever writes to them, and calls use while nothing moves: all of them
// are as they were at one moment. The ids are sorted and no id comes twice.
func (s *Store) HoldStill(ids []string, use func([]Still) error) error {
	var still []Still
	var writers []Writer
	for _, id := range ids {
		lock, err := s.LockVolume(id)
		if err != nil {
			return err
		}
		defer lock.Unlock()
		volume, err := s.Volume(id)
		if err != nil {
			return err
		}
		if volume.State != Whole {
			return fmt.Errorf("%w: volume %s is %s", ErrNotFound, id, volume.State)
		}
		writing, err := s.Writing(id)
		if err != nil {
			return err
		}
		dir, err := s.current(volume, writing)
		if err != nil {
			return err
		}
		still = append(still, Still{Volume: volume, Dir: dir})
		if writing != nil {
			writers = append(writers, writing.Writers...)
		}
	}
	frozen, err := s.Freeze(writers)
	if err != nil {
		return err
	}
	defer frozen.Thaw()
	return use(still)
}

// current is the folder of the replica whose bytes count.
func (s *Store) current(v *Volume, writing *Writing) (string, error) {
	if writing != nil {
		return s.VolumeDir(writing.Node, v.ID), nil
	}
	for _, replica := range v.Replicas {
		dir := s.VolumeDir(replica.Node, v.ID)
		if _, err := os.Stat(dir); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("volume %s has no replica left", v.ID)
}

// Resync makes every replica equal to the one that counts, with the writers held, and says so if none of them
// is left. The caller holds the volume's lock.
func (s *Store) Resync(v *Volume, writing *Writing) error {
	frozen, err := s.Freeze(writing.Writers)
	if err != nil {
		return err
	}
	defer frozen.Thaw()
	source := s.VolumeDir(writing.Node, v.ID)
	for _, replica := range v.Replicas {
		if replica.Node == writing.Node {
			continue
		}
		if err := Mirror(source, s.VolumeDir(replica.Node, v.ID)); err != nil {
			return err
		}
	}
	if len(writing.Writers) > 0 {
		return s.SaveWriting(v.ID, writing)
	}
	return s.EndWriting(v.ID)
}
