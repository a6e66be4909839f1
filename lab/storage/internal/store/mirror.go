package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Mirror makes target an exact copy of source: names, bytes, modes, owners, times, symbolic and hard links;
// what source lacks is removed. What is equal already is left alone. When it returns, all is on disk.
// Sockets and device files are left out: they hold no data.
func Mirror(source, target string) error {
	m := mirror{links: map[uint64]string{}, taken: map[uint64]bool{}}
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	if err := m.dir(source, target, info); err != nil {
		return fmt.Errorf("mirror %s to %s: %w", source, target, err)
	}
	return syncDir(filepath.Dir(target))
}

// mirror is one run.
type mirror struct {
	// links says where each file of several names was put first, by its inode.
	links map[uint64]string
	// taken are the inodes in target that stand for such a file already.
	taken map[uint64]bool
}

func (m *mirror) dir(source, target string, info fs.FileInfo) error {
	// Without the right to write nothing could be put in; the mode is set last.
	if err := os.Chmod(target, 0o700); err != nil {
		return err
	}
	wanted, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, entry := range wanted {
		keep[entry.Name()] = copied(entry.Type())
	}
	present, err := os.ReadDir(target)
	if err != nil {
		return err
	}
	for _, entry := range present {
		if !keep[entry.Name()] {
			if err := RemoveTree(filepath.Join(target, entry.Name())); err != nil {
				return err
			}
		}
	}
	for _, entry := range wanted {
		if !copied(entry.Type()) {
			continue
		}
		if err := m.entry(filepath.Join(source, entry.Name()), filepath.Join(target, entry.Name())); err != nil {
			return err
		}
	}
	if err := setAttributes(target, info); err != nil {
		return err
	}
	return syncDir(target)
}

func copied(mode fs.FileMode) bool {
	return mode.IsRegular() || mode.IsDir() || mode&(fs.ModeSymlink|fs.ModeNamedPipe) != 0
}

func (m *mirror) entry(source, target string) error {
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	old, err := os.Lstat(target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if old != nil && old.Mode().Type() != info.Mode().Type() {
		if err := RemoveTree(target); err != nil {
			return err
		}
		old = nil
	}
	switch {
	case info.IsDir():
		if old == nil {
			if err := os.Mkdir(target, 0o700); err != nil {
				return err
			}
		}
		return m.dir(source, target, info)
	case info.Mode()&fs.ModeSymlink != 0:
		return mirrorLink(source, target, info, old)
	case info.Mode()&fs.ModeNamedPipe != 0:
		if old == nil {
			if err := unix.Mkfifo(target, 0o600); err != nil {
				return err
			}
		}
		return setAttributes(target, info)
	}
	return m.file(source, target, info, old)
}

func mirrorLink(source, target string, info, old fs.FileInfo) error {
	to, err := os.Readlink(source)
	if err != nil {
		return err
	}
	if old != nil {
		if now, err := os.Readlink(target); err == nil && now == to {
			return setAttributes(target, info)
		}
		if err := os.Remove(target); err != nil {
			return err
		}
	}
	if err := os.Symlink(to, target); err != nil {
		return err
	}
	return setAttributes(target, info)
}

func (m *mirror) file(source, target string, info, old fs.FileInfo) error {
	stat := info.Sys().(*syscall.Stat_t)
	if stat.Nlink > 1 {
		if first, seen := m.links[stat.Ino]; seen {
			return mirrorHardLink(first, target, old)
		}
		m.links[stat.Ino] = target
	}
	if old != nil && old.Size() == info.Size() && m.standsAlone(old, stat.Nlink > 1) {
		same, err := sameBytes(source, target)
		if err != nil {
			return err
		}
		if same {
			return setAttributes(target, info)
		}
	}
	temporary := target + temporarySuffix
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyFile(source, temporary, info.Size()); err != nil {
		return err
	}
	if err := setAttributes(temporary, info); err != nil {
		return err
	}
	return os.Rename(temporary, target)
}

// standsAlone tells whether writing to the old file would change no other one: names that source does not
// join must not share bytes in target.
func (m *mirror) standsAlone(old fs.FileInfo, joined bool) bool {
	stat := old.Sys().(*syscall.Stat_t)
	if stat.Nlink == 1 {
		return true
	}
	if !joined || m.taken[stat.Ino] {
		return false
	}
	m.taken[stat.Ino] = true
	return true
}

// temporarySuffix marks a file that is being written; a kill may leave it, and the next mirror removes it, as
// source has no such name.
const temporarySuffix = ".lab-mirror"

func mirrorHardLink(first, target string, old fs.FileInfo) error {
	if old != nil {
		if now, err := os.Stat(first); err == nil && os.SameFile(now, old) {
			return nil
		}
		if err := os.Remove(target); err != nil {
			return err
		}
	}
	return os.Link(first, target)
}

// setAttributes gives a copy the owner, mode and times of what it was made from.
func setAttributes(target string, info fs.FileInfo) error {
	stat := info.Sys().(*syscall.Stat_t)
	var now unix.Stat_t
	if err := unix.Lstat(target, &now); err != nil {
		return err
	}
	if now.Uid != stat.Uid || now.Gid != stat.Gid {
		// Only root may give files away; without it everything belongs to the one user who runs the lab.
		err := os.Lchown(target, int(stat.Uid), int(stat.Gid))
		if err != nil && (os.Geteuid() == 0 || !errors.Is(err, fs.ErrPermission)) {
			return err
		}
	}
	link := info.Mode()&fs.ModeSymlink != 0
	if !link {
		if err := unix.Chmod(target, stat.Mode&0o7777); err != nil {
			return &fs.PathError{Op: "chmod", Path: target, Err: err}
		}
	}
	times := []unix.Timespec{
		{Sec: stat.Atim.Sec, Nsec: stat.Atim.Nsec},
		{Sec: stat.Mtim.Sec, Nsec: stat.Mtim.Nsec},
	}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, target, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &fs.PathError{Op: "utimes", Path: target, Err: err}
	}
	return nil
}

// RemoveTree removes a folder even if the product took away its own right to write there.
func RemoveTree(path string) error {
	err := os.RemoveAll(path)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	walk := filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			return os.Chmod(at, 0o700)
		}
		return err
	})
	return errors.Join(walk, os.RemoveAll(path))
}
