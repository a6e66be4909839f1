package store

import (
	"errors"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// copyFile writes the bytes of one file into a new one and waits until they are on disk. Holes stay holes, so
// that a large, empty file costs nothing.
func copyFile(source, target string, size int64) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = out.Truncate(size)
	for offset := int64(0); err == nil && offset < size; {
		var start, end int64
		start, end, err = nextData(in, offset, size)
		if err != nil || start >= size {
			break
		}
		err = copyRange(in, out, start, min(end, size))
		offset = end
	}
	return errors.Join(err, out.Sync(), out.Close())
}

// nextData finds the next stretch that is no hole; a file system without holes has one stretch.
func nextData(file *os.File, offset, size int64) (int64, int64, error) {
	start, err := file.Seek(offset, unix.SEEK_DATA)
	if errors.Is(err, syscall.ENXIO) {
		return size, size, nil
	}
	if errors.Is(err, syscall.EINVAL) {
		return offset, size, nil
	}
	if err != nil {
		return 0, 0, err
	}
	end, err := file.Seek(start, unix.SEEK_HOLE)
	return start, end, err
}

func copyRange(in, out *os.File, start, end int64) error {
	if _, err := out.Seek(start, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(out, io.NewSectionReader(in, start, end-start))
	return err
}

// sameBytes compares two files of the same size byte by byte. A time stamp is no proof: programs set it back.
func sameBytes(a, b string) (bool, error) {
	left, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer left.Close()
	right, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer right.Close()
	x, y := make([]byte, 128*1024), make([]byte, 128*1024)
	for {
		n, errX := io.ReadFull(left, x)
		m, errY := io.ReadFull(right, y)
		if n != m || string(x[:n]) != string(y[:m]) {
			return false, nil
		}
		endX := errors.Is(errX, io.EOF) || errors.Is(errX, io.ErrUnexpectedEOF)
		endY := errors.Is(errY, io.EOF) || errors.Is(errY, io.ErrUnexpectedEOF)
		if endX && endY {
			return true, nil
		}
		if errX != nil && !endX || errY != nil && !endY {
			return false, errors.Join(errX, errY)
		}
	}
}
