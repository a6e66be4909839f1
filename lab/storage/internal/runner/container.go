package runner

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"

	"atom.example/lab/storage/internal/store"
)

// attempt is one run of one container.
type attempt struct {
	worker    *worker
	container corev1.Container
	env       map[string]string
	id        string
	log       *os.File
	logFrom   int64
	process   *process
	writer    store.Writer
	// written are the volumes that it can write to, by id.
	written map[string]bool
	started time.Time
}

// runOnce runs a container to its end. When it returns, all that was written is on every replica and the end
// is reported. The error is one of the lab; that of the command is its exit code.
func (w *worker) runOnce(
	ctx context.Context, container corev1.Container, volumes map[string]source, number int32,
) (int32, error) {
	a := &attempt{
		worker: w, container: container, written: map[string]bool{}, started: time.Now(),
		id: containerID(w.pod.UID, container.Name, number),
	}
	code, signal, failure := a.start(ctx, volumes)
	if failure == nil {
		code, signal = a.watch(ctx)
	}
	if err := a.mirror(); err != nil {
		return code, fmt.Errorf("container %s: what it wrote could not be put on every replica: %w", container.Name, err)
	}
	terminated := a.terminated(code, signal, failure)
	if a.log != nil {
		a.log.Close()
	}
	err := w.change(ctx, container.Name, func(status *corev1.ContainerStatus) {
		status.ContainerID, status.ImageID = a.id, container.Image
		status.State = corev1.ContainerState{Terminated: terminated}
	})
	if err != nil {
		log.Printf("pod %s: %v", w.name(), err)
	}
	return code, nil
}

// start brings the command to run. If that fails the exit code is 128, as of a container runtime.
func (a *attempt) start(ctx context.Context, volumes map[string]source) (int32, int32, error) {
	w := a.worker
	var err error
	if a.env, err = w.environment(ctx, a.container); err != nil {
		return 128, 0, err
	}
	if err := a.openLog(); err != nil {
		return 128, 0, err
	}
	if a.process, err = w.runner.starter.start(a.log); err != nil {
		return 128, 0, err
	}
	pid := a.process.pid()
	a.writer = store.Writer{
		Pod: string(w.pod.UID), Container: a.container.Name, PID: pid, StartTime: store.StartTime(pid),
	}
	mounts, err := a.mounts(volumes)
	if err != nil {
		a.process.abandon()
		return 128, 0, err
	}
	dir := a.container.WorkingDir
	if dir == "" {
		dir = "/"
	}
	err = a.process.begin(Sandbox{
		Root:    filepath.Join(w.runner.options.Work, "root"),
		Host:    w.pod.Name,
		Command: append(expandAll(a.container.Command, a.env), expandAll(a.container.Args, a.env)...),
		Env:     settings(a.env),
		Dir:     dir,
		Mounts:  mounts,
		Tools:   w.runner.options.Tools,
	})
	if err != nil {
		a.process.wait()
		return 128, 0, err
	}
	a.started = time.Now()
	if err := w.change(ctx, a.container.Name, a.running); err != nil {
		log.Printf("pod %s: %v", w.name(), err)
	}
	return 0, 0, nil
}

func (a *attempt) running(status *corev1.ContainerStatus) {
	status.ContainerID, status.ImageID = a.id, a.container.Image
	at := now()
	at.Time = a.started
	status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: *at}}
}

func (a *attempt) openLog() error {
	name := fmt.Sprintf("%s_%s_%s.log", a.worker.pod.Namespace, a.worker.pod.Name, a.container.Name)
	file, err := os.OpenFile(filepath.Join(a.worker.runner.options.Logs, name),
		os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	a.log = file
	if info, err := file.Stat(); err == nil {
		a.logFrom = info.Size()
	}
	return nil
}

// mounts opens the volumes that the container mounts, and notes which of them it can write to.
func (a *attempt) mounts(volumes map[string]source) ([]Mount, error) {
	dirs := map[string]string{}
	for _, mount := range a.container.VolumeMounts {
		from := volumes[mount.Name]
		if _, opened := dirs[mount.Name]; opened {
			continue
		}
		dirs[mount.Name] = from.dir
		if from.volume == "" {
			continue
		}
		writes := !from.readOnly && slices.ContainsFunc(a.container.VolumeMounts, func(m corev1.VolumeMount) bool {
			return m.Name == mount.Name && !m.ReadOnly
		})
		dir, err := a.worker.runner.replicas.open(from.volume, a.worker.pod.Spec.NodeName, a.writer, !writes)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", mount.Name, err)
		}
		dirs[mount.Name] = dir
		if writes {
			a.written[from.volume] = true
		}
	}
	var mounts []Mount
	for _, mount := range a.container.VolumeMounts {
		readOnly := mount.ReadOnly || volumes[mount.Name].readOnly
		sub := mount.SubPath
		if mount.SubPathExpr != "" {
			sub = expand(mount.SubPathExpr, a.env)
		}
		dir, err := within(dirs[mount.Name], sub, !readOnly)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", mount.Name, err)
		}
		mounts = append(mounts, Mount{Source: dir, Target: filepath.Clean("/" + mount.MountPath), ReadOnly: readOnly})
	}
	message, err := a.messageFile()
	if err != nil {
		return nil, err
	}
	mounts = append(mounts, Mount{Source: message, Target: a.messagePath()})
	// What lies deeper is mounted later, or it would be hidden.
	slices.SortStableFunc(mounts, func(x, y Mount) int {
		return strings.Count(x.Target, "/") - strings.Count(y.Target, "/")
	})
	return mounts, nil
}

// watch waits for the end, and brings it about if the pod is to stop.
func (a *attempt) watch(ctx context.Context) (int32, int32) {
	type exit struct{ code, signal int32 }
	exited := make(chan exit, 1)
	go func() {
		code, signal := a.process.wait()
		exited <- exit{code, signal}
	}()
	hooks, cancel := context.WithCancel(ctx)
	defer cancel()
	go a.postStart(hooks)
	asked := false
	for {
		why, until, changed := a.worker.stopped()
		var patience <-chan time.Time
		if why != stopNot {
			if !asked {
				asked = true
				go a.ask(hooks, until)
			}
			patience = time.After(time.Until(until))
		}
		select {
		case end := <-exited:
			return end.code, end.signal
		case <-changed:
		case <-patience:
			a.process.signal(syscall.SIGKILL)
			end := <-exited
			return end.code, end.signal
		}
	}
}

// ask runs the preStop hook, then sends SIGTERM; there is time for both until then.
func (a *attempt) ask(ctx context.Context, until time.Time) {
	if hook := a.container.Lifecycle; hook != nil && hook.PreStop != nil {
		limited, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		if err := a.hook(limited, hook.PreStop); err != nil {
			log.Printf("pod %s, container %s: preStop: %v", a.worker.name(), a.container.Name, err)
		}
	}
	a.process.signal(syscall.SIGTERM)
}

// mirror puts what was written on every replica, of all volumes even if one fails.
func (a *attempt) mirror() error {
	var errs []error
	for id := range a.written {
		errs = append(errs, a.worker.runner.replicas.close(id, a.writer))
	}
	return errors.Join(errs...)
}
