package store

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Lock is held by a process; the kernel lets it go when the process dies, however it dies.
type Lock struct{ file *os.File }

// LockVolume waits for the one lock of a volume, which driver and runner hold while they copy its bytes or
// change who writes to it. Who needs several takes them in the order of the ids.
func (s *Store) LockVolume(id string) (*Lock, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	return lockFile(filepath.Join(s.Dir, "locks", id))
}

// lockFreezing waits for the right to stop writers. One container may write to several volumes: without it,
// whoever is done with one volume would let it go on while another copy is being made. It is taken after the
// locks of volumes, never before.
func (s *Store) lockFreezing() (*Lock, error) {
	return lockFile(filepath.Join(s.Dir, "freeze.lock"))
}

func lockFile(path string) (*Lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
		if err != nil {
			return nil, err
		}
		if err := flock(file); err != nil {
			file.Close()
			return nil, err
		}
		// The file may have been removed with its volume while we waited: a lock on it would be ours alone.
		held, heldErr := file.Stat()
		now, nowErr := os.Stat(path)
		if heldErr == nil && nowErr == nil && os.SameFile(held, now) {
			return &Lock{file}, nil
		}
		file.Close()
	}
}

func flock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			return err
		}
	}
}

// Unlock lets go.
func (l *Lock) Unlock() { l.file.Close() }

// forgetLock removes the file of a lock that is held, once its volume is gone.
func (s *Store) forgetLock(id string) {
	os.Remove(filepath.Join(s.Dir, "locks", id))
}
