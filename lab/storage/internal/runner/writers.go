package runner

import (
	"errors"
	"slices"

	"atom.example/lab/storage/internal/store"
)

// replicas hands containers the bytes of volumes, and sees to it that what they wrote is on every replica
// before anybody is told that they are done.
type replicas struct{ store *store.Store }

// open gives the folder that a container on a node works on: the node's own replica, else the first one; while
// others write, theirs. For a container that can write it notes that the replicas may differ from now on.
func (r *replicas) open(id, node string, writer store.Writer, readOnly bool) (string, error) {
	lock, err := r.store.LockVolume(id)
	if err != nil {
		return "", err
	}
	defer lock.Unlock()
	volume, writing, err := r.read(id)
	if err != nil {
		return "", err
	}
	if writing != nil && len(writing.Writers) == 0 {
		// A killed runner left it: what was written then is put on every replica before anything new is.
		if err := r.store.Resync(volume, writing); err != nil {
			return "", err
		}
		writing = nil
	}
	at := volume.Replicas[0].Node
	if volume.Holds(node) {
		at = node
	}
	if writing != nil {
		at = writing.Node
	} else {
		writing = &store.Writing{Node: at}
	}
	if !readOnly {
		writing.Writers = append(writing.Writers, writer)
		if err := r.store.SaveWriting(id, writing); err != nil {
			return "", err
		}
	}
	return r.store.VolumeDir(at, id), nil
}

// close mirrors what a container wrote to every other replica. Only then its end may be told.
func (r *replicas) close(id string, writer store.Writer) error {
	lock, err := r.store.LockVolume(id)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	volume, writing, err := r.read(id)
	if errors.Is(err, store.ErrNotFound) || (err == nil && writing == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	writing.Writers = slices.DeleteFunc(writing.Writers, func(w store.Writer) bool { return w == writer })
	return r.store.Resync(volume, writing)
}

// read gives the volume and its writers that still run.
func (r *replicas) read(id string) (*store.Volume, *store.Writing, error) {
	volume, err := r.store.Volume(id)
	if err != nil {
		return nil, nil, err
	}
	writing, err := r.store.Writing(id)
	if err != nil || writing == nil {
		return volume, nil, err
	}
	writing.Writers = slices.DeleteFunc(writing.Writers, func(w store.Writer) bool { return !w.Alive() })
	return volume, writing, nil
}

// recover mirrors what containers of a killed runner wrote; it gives the volumes.
func (r *replicas) recover() ([]string, error) {
	ids, err := r.store.WrittenVolumes()
	if err != nil {
		return nil, err
	}
	var done []string
	for _, id := range ids {
		if err := r.close(id, store.Writer{}); err != nil {
			return done, err
		}
		done = append(done, id)
	}
	return done, nil
}
