package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Frozen are processes that were stopped so that nothing is written while a copy is made.
type Frozen struct {
	pids []int
	lock *Lock
}

// freezeFor is how long stopping the writers may take.
const freezeFor = 10 * time.Second

// Freeze stops every process of the writers' containers: those that share the mount namespace of a
// container's first process. It returns once all of them stand still.
func (s *Store) Freeze(writers []Writer) (*Frozen, error) {
	spaces := map[string]bool{}
	for _, writer := range writers {
		if writer.Alive() {
			spaces[mountNamespace(writer.PID)] = true
		}
	}
	delete(spaces, "")
	delete(spaces, mountNamespace(os.Getpid()))
	if len(spaces) == 0 {
		return &Frozen{}, nil
	}
	lock, err := s.lockFreezing()
	if err != nil {
		return nil, err
	}
	frozen := &Frozen{lock: lock}
	end := time.Now().Add(freezeFor)
	stopped := map[int]bool{}
	// Twice in a row: a process that was found running may have started another one after the list was made.
	for quiet := 0; quiet < 2; {
		still, err := frozen.stop(members(spaces), stopped)
		if err == nil && !still && time.Now().After(end) {
			err = fmt.Errorf("the writers do not stand still within %s", freezeFor)
		}
		if err != nil {
			frozen.Thaw()
			return nil, err
		}
		if still {
			quiet++
			continue
		}
		quiet = 0
		time.Sleep(time.Millisecond)
	}
	return frozen, nil
}

// stop stops those that were not stopped yet, and tells whether all stood still already.
func (f *Frozen) stop(pids []int, stopped map[int]bool) (bool, error) {
	still := true
	for _, pid := range pids {
		if !stopped[pid] {
			if err := unix.Kill(pid, unix.SIGSTOP); err != nil && err != unix.ESRCH {
				return false, fmt.Errorf("process %d cannot be stopped: %w", pid, err)
			}
			stopped[pid] = true
			f.pids = append(f.pids, pid)
			still = false
		}
	}
	for _, pid := range pids {
		if !stands(pid) {
			still = false
			freeVfork(pid, pids, stopped)
		}
	}
	return still, nil
}

// freeVfork lets the stopped children of a process go on for a moment. One that was stopped between vfork and
// exec holds its parent inside the kernel, where it cannot be stopped; shells start every command in this way.
func freeVfork(parent int, pids []int, stopped map[int]bool) {
	for _, pid := range pids {
		fields := processFields(fmt.Sprintf("/proc/%d/stat", pid))
		if len(fields) > 1 && fields[0] == "T" && fields[1] == strconv.Itoa(parent) {
			// One that ended meanwhile needs nothing.
			_ = unix.Kill(pid, unix.SIGCONT)
			delete(stopped, pid)
		}
	}
}

// Thaw lets the processes go on.
func (f *Frozen) Thaw() {
	for _, pid := range f.pids {
		// One that ended meanwhile needs nothing.
		_ = unix.Kill(pid, unix.SIGCONT)
	}
	f.pids = nil
	if f.lock != nil {
		f.lock.Unlock()
		f.lock = nil
	}
}

func mountNamespace(pid int) string {
	space, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		return ""
	}
	return space
}

// members are the processes in any of the mount namespaces.
func members(spaces map[string]bool) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && spaces[mountNamespace(pid)] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stands tells whether every thread of a process is stopped, or the process is gone.
func stands(pid int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return false
	}
	for _, task := range tasks {
		if fields := processFields(task); len(fields) > 0 && !strings.Contains("TtZX", fields[0]) {
			return false
		}
	}
	return true
}

// processFields are what the kernel tells of a process or thread after its name: first the state, then the
// parent, and at 19 the time of its start. The name itself may hold spaces and brackets. Nothing if it is gone.
func processFields(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}
