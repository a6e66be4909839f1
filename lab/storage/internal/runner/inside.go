package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Inside turns the process into a container: it reads what it is from descriptor 3, builds its root, and hands
// itself over to the command. It returns only if something is wrong, and tells that on descriptor 4.
func Inside() {
	// Rights and the signal of a dying parent are those of a thread, and the one that hands over is this one.
	runtime.LockOSThread()
	unix.CloseOnExec(4)
	if err := become(os.NewFile(3, "sandbox")); err != nil {
		fmt.Fprintln(os.NewFile(4, "problem"), err)
	}
	os.Exit(128)
}

func become(from *os.File) error {
	text, err := io.ReadAll(from)
	from.Close()
	if err != nil {
		return err
	}
	var sandbox Sandbox
	if err := json.Unmarshal(text, &sandbox); err != nil {
		return err
	}
	syscall.Umask(0)
	if err := buildRoot(sandbox); err != nil {
		return err
	}
	// A container without a name of its own still runs.
	_ = unix.Sethostname([]byte(sandbox.Host))
	syscall.Umask(0o022)
	if err := os.MkdirAll(sandbox.Dir, 0o755); err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	if err := os.Chdir(sandbox.Dir); err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	program, err := find(sandbox.Command[0], sandbox.Env)
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	if err := confine(); err != nil {
		return err
	}
	err = syscall.Exec(program, sandbox.Command, sandbox.Env)
	return fmt.Errorf("exec %s: %w", program, err)
}

// keptCapabilities are what commands expect of root towards files and processes of their own container.
var keptCapabilities = []uintptr{
	unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FOWNER, unix.CAP_FSETID, unix.CAP_KILL, unix.CAP_SETGID, unix.CAP_SETUID,
}

// confine takes all other capabilities from the command for good, so that it cannot make writable what was mounted
// read-only.
func confine() error {
	for capability := uintptr(0); ; capability++ {
		if slices.Contains(keptCapabilities, capability) {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			// The kernel knows no more of them.
			return nil
		}
		if err != nil {
			return fmt.Errorf("the container's rights cannot be limited: %w", err)
		}
	}
}

func buildRoot(sandbox Sandbox) error {
	root := sandbox.Root
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("this machine does not allow private mounts, which the lab's runner needs: %w", err)
	}
	if err := unix.Mount("lab", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("this machine does not allow a tmpfs for the container's root: %w", err)
	}
	if err := system(root); err != nil {
		return err
	}
	if err := tools(root, sandbox.Tools); err != nil {
		return err
	}
	for _, mount := range sandbox.Mounts {
		if err := bind(root, mount); err != nil {
			return err
		}
	}
	return pivot(root)
}

// hostFolders are shown as they are, so that the ordinary tools of the machine are there; the settings in /etc
// are only those that programs need to start.
var (
	hostFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt"}
	hostFiles   = []string{
		"/etc/alternatives", "/etc/ca-certificates", "/etc/group", "/etc/hosts", "/etc/ld.so.cache",
		"/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd",
		"/etc/pki", "/etc/protocols", "/etc/resolv.conf", "/etc/services", "/etc/ssl",
	}
	devices = []string{"full", "null", "random", "tty", "urandom", "zero"}
)

func system(root string) error {
	for _, path := range append(append([]string{}, hostFolders...), hostFiles...) {
		if err := show(root, path); err != nil {
			return err
		}
	}
	for path, mode := range map[string]os.FileMode{
		"/tmp": 0o777 | fs.ModeSticky, "/var/tmp": 0o777 | fs.ModeSticky, "/run": 0o755, "/root": 0o700,
		"/dev/shm": 0o777 | fs.ModeSticky, "/proc": 0o555,
	} {
		if err := os.MkdirAll(filepath.Join(root, path), 0o755); err != nil {
			return err
		}
		if err := os.Chmod(filepath.Join(root, path), mode); err != nil {
			return err
		}
	}
	for _, name := range devices {
		if err := bind(root, Mount{Source: "/dev/" + name, Target: "/dev/" + name}); err != nil {
			return err
		}
	}
	for name, to := range map[string]string{
		"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
	} {
		if err := os.Symlink(to, filepath.Join(root, "dev", name)); err != nil {
			return err
		}
	}
	// Read-only: where the lab is root the kernel takes the container's root for the machine's in /proc/sys. For the
	// same reason there is no /sys. Where the machine itself is a container a fresh /proc may be refused; the
	// machine's own one will do.
	at := filepath.Join(root, "proc")
	forbidden := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY)
	if err := unix.Mount("proc", at, "proc", forbidden, ""); err != nil {
		if err := bind(root, Mount{Source: "/proc", Target: "/proc", ReadOnly: true}); err != nil {
			return fmt.Errorf("this machine does not allow /proc in a container: %w", err)
		}
	}
	return nil
}

// show makes a path of the machine readable at the same place; one that is not there is left out.
func show(root, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return bind(root, Mount{Source: path, Target: path, ReadOnly: true})
	}
	to, err := os.Readlink(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
		return err
	}
	if err := os.Symlink(to, filepath.Join(root, path)); err != nil {
		return err
	}
	// A link to somewhere else, as /etc/resolv.conf often is, needs what it leads to.
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(root, real)); err == nil {
		return nil
	}
	return bind(root, Mount{Source: real, Target: real, ReadOnly: true})
}

// tools shows the lab's programs, and what they are links to.
func tools(root, dir string) error {
	if dir == "" {
		return nil
	}
	if err := show(root, dir); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink == 0 {
			continue
		}
		real, err := filepath.EvalSymlinks(filepath.Join(dir, entry.Name()))
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, real)); err != nil {
			if err := bind(root, Mount{Source: real, Target: real, ReadOnly: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

func bind(root string, mount Mount) error {
	target := filepath.Join(root, mount.Target)
	if err := makePoint(mount.Source, target); err != nil {
		return fmt.Errorf("mount point %s: %w", mount.Target, err)
	}
	if err := unix.Mount(mount.Source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s: %w", mount.Target, err)
	}
	if !mount.ReadOnly {
		return nil
	}
	var now unix.Statfs_t
	if err := unix.Statfs(target, &now); err != nil {
		return fmt.Errorf("mount %s: %w", mount.Target, err)
	}
	// What the mount forbids already must stay forbidden: without rights of the machine it cannot be lifted.
	kept := uintptr(now.Flags) & (unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	if err := unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|kept, ""); err != nil {
		return fmt.Errorf("mount %s read-only: %w", mount.Target, err)
	}
	return nil
}

func makePoint(source, target string) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.MkdirAll(target, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	point, err := os.OpenFile(target, os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		return err
	}
	return point.Close()
}

// pivot makes root the only thing that there is. Putting the old root over the new one and taking it away
// needs no folder for it.
func pivot(root string) error {
	if err := unix.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("this machine does not allow a root of the container's own: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	return unix.Chdir("/")
}

// find looks a program up in the container's own PATH.
func find(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, setting := range env {
		path, isPath := strings.CutPrefix(setting, "PATH=")
		if !isPath {
			continue
		}
		for _, dir := range filepath.SplitList(path) {
			at := filepath.Join(dir, name)
			if unix.Access(at, unix.X_OK) == nil {
				if info, err := os.Stat(at); err == nil && !info.IsDir() {
					return at, nil
				}
			}
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH", name)
}
