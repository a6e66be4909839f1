package store

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// WriteJSON replaces a file by the value as JSON: readers see the old text or the new one, also after a power
// cut.
func WriteJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	temporary := file.Name()
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes what was renamed, made or removed in a folder last.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func isTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }
