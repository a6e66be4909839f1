package driver

import (
	"io/fs"
	"os"
	"path/filepath"
)

// flipByte changes one byte in the middle of the largest file, keeping its size and times: the damage that
// only a checksum finds. It tells whether there was a byte to change.
func flipByte(dir string) (bool, error) {
	var largest string
	var size int64
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Size() > size {
			largest, size = path, info.Size()
		}
		return err
	})
	if err != nil || size == 0 {
		return false, err
	}
	info, err := os.Stat(largest)
	if err != nil {
		return false, err
	}
	file, err := os.OpenFile(largest, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer file.Close()
	one := make([]byte, 1)
	if _, err := file.ReadAt(one, size/2); err != nil {
		return false, err
	}
	one[0] ^= 0xff
	if _, err := file.WriteAt(one, size/2); err != nil {
		return false, err
	}
	if err := file.Sync(); err != nil {
		return false, err
	}
	return true, os.Chtimes(largest, info.ModTime(), info.ModTime())
}
