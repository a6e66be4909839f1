package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// InsideCommand is the argument with which the runner starts itself to become a container.
const InsideCommand = "container"

// Mount is one folder or file that a container sees.
type Mount struct {
	Source   string
	Target   string
	ReadOnly bool
}

// Sandbox is everything that the first process of a container needs to know.
type Sandbox struct {
	// Root is an empty folder; a file system of the container's own is put over it.
	Root    string
	Host    string
	Command []string
	Env     []string
	Dir     string
	Mounts  []Mount
	// Tools is the folder of programs that comes first in PATH.
	Tools string
}

// process is a container's first process. It waits for go before it does anything.
type process struct {
	cmd     *exec.Cmd
	spec    *os.File
	problem *os.File
}

// starter starts all containers from one thread that never ends: the kernel ties "kill me when my parent dies"
// to the thread, not to the process.
type starter struct{ orders chan func() }

func newStarter() *starter {
	s := &starter{orders: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for order := range s.orders {
			order()
		}
	}()
	return s
}

// start makes the process in namespaces of its own: it sees only its own processes and mounts, and all that it
// starts ends with it, also if the runner is killed.
func (s *starter) start(log *os.File) (*process, error) {
	specRead, specWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer specRead.Close()
	problemRead, problemWrite, err := os.Pipe()
	if err != nil {
		specWrite.Close()
		return nil, err
	}
	defer problemWrite.Close()
	cmd := exec.Command("/proc/self/exe", InsideCommand)
	cmd.Env = []string{}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{specRead, problemWrite}
	cmd.SysProcAttr = attributes()
	done := make(chan error)
	s.orders <- func() { done <- cmd.Start() }
	if err := <-done; err != nil {
		specWrite.Close()
		problemRead.Close()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
			return nil, fmt.Errorf("this machine does not allow new user, mount and process namespaces, which the lab's runner needs (see user.max_user_namespaces): %w", err)
		}
		return nil, err
	}
	return &process{cmd: cmd, spec: specWrite, problem: problemRead}, nil
}

// attributes gives the container a user namespace of its own, also where the lab is root: its root may do nothing
// to the machine, and whoever can make a Job here does not get the machine's root by it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
		Setsid:      true,
	}
}

// begin tells the process what it is and returns once the command runs.
func (p *process) begin(sandbox Sandbox) error {
	err := json.NewEncoder(p.spec).Encode(sandbox)
	err = errors.Join(err, p.spec.Close())
	// The other end closes by itself when the command takes the process over.
	problem, readErr := io.ReadAll(p.problem)
	err = errors.Join(err, readErr, p.problem.Close())
	if len(problem) > 0 {
		return errors.New(strings.TrimSpace(string(problem)))
	}
	return err
}

// abandon ends a process that was not told to begin.
func (p *process) abandon() {
	p.cmd.Process.Kill()
	p.spec.Close()
	p.problem.Close()
	p.cmd.Wait()
}

// wait gives the exit code as a shell would: 128 and the signal for one that was killed.
func (p *process) wait() (int32, int32) {
	p.cmd.Wait()
	state, isWait := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if isWait && state.Signaled() {
		return 128 + int32(state.Signal()), int32(state.Signal())
	}
	return int32(p.cmd.ProcessState.ExitCode()), 0
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// signal reaches the first process only, as a kubelet's does; SIGKILL takes the others with it.
func (p *process) signal(s syscall.Signal) { p.cmd.Process.Signal(s) }
