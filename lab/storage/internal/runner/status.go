package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// begin gives the pod the status of one that a node has accepted.
func (w *worker) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status.StartTime == nil {
		w.status.StartTime = now()
	}
	w.status.Phase = corev1.PodPending
	waiting := func(containers []corev1.Container, reason string) []corev1.ContainerStatus {
		var statuses []corev1.ContainerStatus
		for _, container := range containers {
			no := false
			statuses = append(statuses, corev1.ContainerStatus{
				Name: container.Name, Image: container.Image, Started: &no,
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}},
			})
		}
		return statuses
	}
	w.status.InitContainerStatuses = waiting(w.pod.Spec.InitContainers, "PodInitializing")
	w.status.ContainerStatuses = waiting(w.pod.Spec.Containers, "ContainerCreating")
	w.conditions()
}

// container finds the status of one, by name. The caller holds mu.
func (w *worker) container(name string) *corev1.ContainerStatus {
	for _, statuses := range [][]corev1.ContainerStatus{w.status.InitContainerStatuses, w.status.ContainerStatuses} {
		for i := range statuses {
			if statuses[i].Name == name {
				return &statuses[i]
			}
		}
	}
	return &corev1.ContainerStatus{}
}

// change sets the state of one container and reports. An error is not final: the next report says all again.
func (w *worker) change(ctx context.Context, name string, change func(*corev1.ContainerStatus)) error {
	w.mu.Lock()
	status := w.container(name)
	change(status)
	running := status.State.Running != nil
	status.Ready = running || (status.State.Terminated != nil && status.State.Terminated.ExitCode == 0 && w.isInit(name))
	status.Started = &running
	if running && !w.isInit(name) {
		w.status.Phase = corev1.PodRunning
	}
	w.conditions()
	w.mu.Unlock()
	return w.report(ctx)
}

func (w *worker) isInit(name string) bool {
	for _, container := range w.pod.Spec.InitContainers {
		if container.Name == name {
			return true
		}
	}
	return false
}

// waits says why nothing runs yet.
func (w *worker) waits(ctx context.Context, reason, message string) error {
	w.mu.Lock()
	for i := range w.status.ContainerStatuses {
		w.status.ContainerStatuses[i].State = corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message},
		}
	}
	w.mu.Unlock()
	return w.report(ctx)
}

// conclude writes the end into the status. The caller holds mu.
func (w *worker) conclude(end ending) {
	w.status.Phase, w.status.Reason, w.status.Message = end.phase, end.reason, end.message
	for _, statuses := range [][]corev1.ContainerStatus{w.status.InitContainerStatuses, w.status.ContainerStatuses} {
		for i := range statuses {
			no := false
			statuses[i].Started = &no
			if statuses[i].State.Running != nil {
				started := statuses[i].State.Running.StartedAt
				statuses[i].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
					ExitCode: 137, Reason: "ContainerStatusUnknown", StartedAt: started, FinishedAt: *now(),
					Message: end.message, ContainerID: statuses[i].ContainerID,
				}}
			}
			ended := statuses[i].State.Terminated
			statuses[i].Ready = ended != nil && ended.ExitCode == 0 && w.isInit(statuses[i].Name)
		}
	}
	w.conditions()
}

// conditions are those that a node reports; the scheduler's own stays. The caller holds mu.
func (w *worker) conditions() {
	ready, initialized := len(w.status.ContainerStatuses) > 0, true
	for _, status := range w.status.ContainerStatuses {
		ready = ready && status.State.Running != nil
	}
	for _, status := range w.status.InitContainerStatuses {
		initialized = initialized && status.State.Terminated != nil && status.State.Terminated.ExitCode == 0
	}
	reason := ""
	if w.status.Phase == corev1.PodSucceeded {
		reason = "PodCompleted"
	} else if w.status.Phase == corev1.PodFailed {
		reason = "PodFailed"
	} else if !ready {
		reason = "ContainersNotReady"
	}
	w.condition(corev1.PodInitialized, initialized, "")
	w.condition(corev1.PodReady, ready, reason)
	w.condition(corev1.ContainersReady, ready, reason)
}

func (w *worker) condition(kind corev1.PodConditionType, holds bool, reason string) {
	value := corev1.ConditionFalse
	if holds {
		value, reason = corev1.ConditionTrue, ""
	}
	for i := range w.status.Conditions {
		if condition := &w.status.Conditions[i]; condition.Type == kind {
			if condition.Status != value {
				condition.LastTransitionTime = *now()
			}
			condition.Status, condition.Reason = value, reason
			return
		}
	}
	w.status.Conditions = append(w.status.Conditions, corev1.PodCondition{
		Type: kind, Status: value, Reason: reason, LastTransitionTime: *now(),
	})
}

// report sends the status as it is now. The patch names the pod's uid: another pod of that name is not ours.
func (w *worker) report(ctx context.Context) error {
	w.mu.Lock()
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": w.pod.UID},
		"status":   w.status,
	})
	w.mu.Unlock()
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err = w.runner.core.Pods(w.pod.Namespace).Patch(
		limited, w.pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// isGone tells whether the pod is no more, or another one has its name. A conflict alone does not say so.
func (w *worker) isGone(ctx context.Context, err error) bool {
	if apierrors.IsConflict(err) {
		var pod *corev1.Pod
		pod, err = w.runner.core.Pods(w.pod.Namespace).Get(ctx, w.pod.Name, metav1.GetOptions{})
		if err == nil {
			return pod.UID != w.pod.UID
		}
	}
	return apierrors.IsNotFound(err)
}

func now() *metav1.Time {
	t := metav1.Now()
	return &t
}

func containerID(pod types.UID, container string, attempt int32) string {
	return fmt.Sprintf("lab://%s-%s-%d", pod, container, attempt)
}
