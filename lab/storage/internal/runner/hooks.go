package runner

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// hook runs a lifecycle handler inside the container.
func (a *attempt) hook(ctx context.Context, handler *corev1.LifecycleHandler) error {
	switch {
	case handler.Exec != nil:
		return a.exec(ctx, handler.Exec.Command)
	case handler.Sleep != nil:
		select {
		case <-time.After(time.Duration(handler.Sleep.Seconds) * time.Second):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the lab's runner knows exec and sleep hooks only")
}

// exec enters the container's namespaces, as `kubectl exec` does on a real node.
func (a *attempt) exec(ctx context.Context, command []string) error {
	arguments := []string{
		"--target", strconv.Itoa(a.process.pid()), "--mount", "--pid", "--ipc", "--uts", "--root", "--wd",
	}
	if os.Geteuid() != 0 {
		arguments = append(arguments, "--user", "--preserve-credentials")
	}
	enter := exec.CommandContext(ctx, "nsenter", append(append(arguments, "--"), command...)...)
	enter.Env = settings(a.env)
	enter.Stdout, enter.Stderr = a.log, a.log
	enter.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := enter.Run(); err != nil {
		return fmt.Errorf("%v: %w", command, err)
	}
	return nil
}

// postStart runs right after the start; if it fails the container is killed, as a kubelet does.
func (a *attempt) postStart(ctx context.Context) {
	if a.container.Lifecycle == nil || a.container.Lifecycle.PostStart == nil {
		return
	}
	if err := a.hook(ctx, a.container.Lifecycle.PostStart); err != nil && ctx.Err() == nil {
		log.Printf("pod %s, container %s: postStart: %v", a.worker.name(), a.container.Name, err)
		a.process.signal(syscall.SIGKILL)
	}
}
