package runner

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// prepare waits until the pod can start. It gives how the pod ends if it never can.
func (w *worker) prepare(ctx context.Context) (map[string]source, *ending) {
	for _, container := range append(append([]corev1.Container{}, w.pod.Spec.InitContainers...), w.pod.Spec.Containers...) {
		if err := runnable(container); err != nil {
			end := failed("CannotRun", fmt.Sprintf("container %s: %v", container.Name, err))
			return nil, &end
		}
	}
	w.watchDeadline()
	said := ""
	for {
		if end := w.interrupted(); end != nil {
			return nil, end
		}
		volumes, err := w.sources(ctx)
		if err == nil {
			return volumes, nil
		}
		var final never
		if errors.As(err, &final) {
			end := failed("CannotMount", err.Error())
			return nil, &end
		}
		if err.Error() != said {
			if told := w.waits(ctx, "ContainerCreating", err.Error()); told == nil {
				said = err.Error()
			}
		}
		w.pause(tick)
	}
}

// runnable refuses what a kubelet would do and the runner does not, so that nothing is skipped silently.
func runnable(container corev1.Container) error {
	if len(container.Command) == 0 {
		return errors.New("the lab runs commands, not images: state `command`")
	}
	if container.RestartPolicy != nil {
		return errors.New("sidecar containers are not run in the lab")
	}
	if len(container.VolumeDevices) > 0 {
		return errors.New("the lab has no block volumes")
	}
	return nil
}

// watchDeadline ends the pod when its activeDeadlineSeconds have passed, counted as a kubelet does from when
// the node accepted it.
func (w *worker) watchDeadline() {
	seconds := w.pod.Spec.ActiveDeadlineSeconds
	if seconds == nil {
		return
	}
	grace := graceOf(w.pod)
	w.mu.Lock()
	end := w.status.StartTime.Add(time.Duration(*seconds) * time.Second)
	w.mu.Unlock()
	time.AfterFunc(time.Until(end), func() { w.stop(stopOrder{why: stopDeadline, grace: grace}) })
}

// interrupted gives how a pod ends that was told to stop before it came to an end by itself, nil if it was not.
func (w *worker) interrupted() *ending {
	why, _, _ := w.stopped()
	switch why {
	case stopDeadline:
		end := failed("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
		return &end
	case stopDeleted:
		end := failed("", "")
		return &end
	case stopShutdown, stopGone:
		return &ending{phase: corev1.PodFailed, untold: why == stopShutdown}
	}
	return nil
}

// execute runs the init containers one after the other, then the containers side by side.
func (w *worker) execute(ctx context.Context, volumes map[string]source) ending {
	for _, container := range w.pod.Spec.InitContainers {
		if code, err := w.runToEnd(ctx, container, volumes); err != nil || code != 0 {
			return w.ended(code, err)
		}
		if end := w.interrupted(); end != nil {
			return *end
		}
	}
	var all sync.WaitGroup
	codes := make([]int32, len(w.pod.Spec.Containers))
	errs := make([]error, len(w.pod.Spec.Containers))
	for i, container := range w.pod.Spec.Containers {
		all.Go(func() { codes[i], errs[i] = w.runToEnd(ctx, container, volumes) })
	}
	all.Wait()
	var worst int32
	for _, code := range codes {
		if code != 0 {
			worst = code
		}
	}
	return w.ended(worst, errors.Join(errs...))
}

// ended is how the pod ends after its containers did. A volume whose replicas could not be made equal is a
// failure, whatever the command said.
func (w *worker) ended(code int32, err error) ending {
	if end := w.interrupted(); end != nil && (end.untold || end.reason != "") {
		return *end
	}
	if err != nil {
		return failed("RunnerError", err.Error())
	}
	if code != 0 {
		return failed("", "")
	}
	return ending{phase: corev1.PodSucceeded}
}

// runToEnd runs one container, again if the pod's restart policy says so, until it ends for good.
func (w *worker) runToEnd(ctx context.Context, container corev1.Container, volumes map[string]source) (int32, error) {
	wait := time.Second
	for attempt := int32(0); ; attempt++ {
		code, err := w.runOnce(ctx, container, volumes, attempt)
		if err != nil {
			return code, err
		}
		again := w.pod.Spec.RestartPolicy == corev1.RestartPolicyAlways ||
			(w.pod.Spec.RestartPolicy == corev1.RestartPolicyOnFailure && code != 0)
		if !again {
			return code, nil
		}
		if !w.pause(wait) {
			return code, nil
		}
		// Shorter than a kubelet's ten seconds to five minutes: nobody waits for a lab.
		wait = min(2*wait, 30*time.Second)
		err = w.change(ctx, container.Name, func(status *corev1.ContainerStatus) {
			status.LastTerminationState = status.State
			status.RestartCount = attempt + 1
		})
		if err != nil {
			log.Printf("pod %s: %v", w.name(), err)
		}
	}
}
