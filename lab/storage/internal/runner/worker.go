package runner

import (
	"context"
	"fmt"
	"log"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// tick is how often something is looked at again that cannot be waited for.
const tick = 200 * time.Millisecond

// worker takes care of one pod, from the moment it is scheduled until the object is gone.
type worker struct {
	runner *Runner
	pod    *corev1.Pod

	// status is what was or will be reported; mu guards it, as containers end on their own.
	mu     sync.Mutex
	status corev1.PodStatus

	stops stopper
}

type stopReason int

const (
	stopNot stopReason = iota
	stopDeadline
	stopDeleted
	stopShutdown
	stopGone
)

// stopOrder says why and how fast to end.
type stopOrder struct {
	why   stopReason
	grace time.Duration
}

// stopper passes the orders on; one that asks for less patience replaces the one before.
type stopper struct {
	mu      sync.Mutex
	order   stopOrder
	until   time.Time
	changed chan struct{}
}

func newWorker(r *Runner, pod *corev1.Pod) *worker {
	w := &worker{runner: r, pod: pod, status: *pod.Status.DeepCopy()}
	w.stops.changed = make(chan struct{})
	return w
}

func (w *worker) stop(order stopOrder) {
	s := &w.stops
	s.mu.Lock()
	defer s.mu.Unlock()
	until := time.Now().Add(order.grace)
	if s.order.why != stopNot && (order.why < s.order.why || (order.why == s.order.why && !until.Before(s.until))) {
		return
	}
	if s.order.why == stopNot || until.Before(s.until) {
		s.until = until
	}
	s.order = order
	close(s.changed)
	s.changed = make(chan struct{})
}

// stopped gives the order there is, until when it is patient, and what tells of the next one.
func (w *worker) stopped() (stopReason, time.Time, <-chan struct{}) {
	w.stops.mu.Lock()
	defer w.stops.mu.Unlock()
	return w.stops.order.why, w.stops.until, w.stops.changed
}

// pause waits a while, shorter if there is an order to stop. It tells whether there is none.
func (w *worker) pause(d time.Duration) bool {
	why, _, changed := w.stopped()
	if why != stopNot {
		return false
	}
	select {
	case <-time.After(d):
		return true
	case <-changed:
		return false
	}
}

func (w *worker) name() string { return w.pod.Namespace + "/" + w.pod.Name }

func (w *worker) run(ctx context.Context) {
	if err := w.live(ctx); err != nil {
		log.Printf("pod %s: %v", w.name(), err)
	}
	w.waitForDeletion(ctx)
}

// live brings the pod to its end, whatever state it is found in.
func (w *worker) live(ctx context.Context) error {
	if terminal(w.status.Phase) {
		return w.forget()
	}
	kept, err := w.recall()
	switch {
	case err != nil:
		return w.finish(ctx, failed("RunnerRestarted", fmt.Sprintf("what was kept of the pod cannot be read: %v", err)))
	case kept != nil && kept.Result != nil:
		w.status = *kept.Result
		return w.tell(ctx)
	case kept != nil || w.status.Phase == corev1.PodRunning:
		return w.finish(ctx, failed("RunnerRestarted",
			"the lab's runner ended while the pod ran; its processes ended with it, and what they had written is on every replica"))
	}
	w.begin()
	volumes, end := w.prepare(ctx)
	if end != nil {
		return w.finish(ctx, *end)
	}
	if err := w.remember(nil); err != nil {
		return w.finish(ctx, failed("RunnerError", err.Error()))
	}
	return w.finish(ctx, w.execute(ctx, volumes))
}

// ending is how a pod ends.
type ending struct {
	phase           corev1.PodPhase
	reason, message string
	// untold leaves the pod as it is: the runner ends, and the next one says so.
	untold bool
}

func failed(reason, message string) ending {
	return ending{phase: corev1.PodFailed, reason: reason, message: message}
}

func terminal(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}

// finish keeps the result, so that it is told even if the runner dies now, and tells it.
func (w *worker) finish(ctx context.Context, end ending) error {
	if end.untold {
		return nil
	}
	w.mu.Lock()
	w.conclude(end)
	result := w.status.DeepCopy()
	w.mu.Unlock()
	if why, _, _ := w.stopped(); why == stopGone {
		return w.forget()
	}
	if err := w.remember(result); err != nil {
		return err
	}
	return w.tell(ctx)
}

// tell reports the end until the API server took it, then clears up.
func (w *worker) tell(ctx context.Context) error {
	for {
		err := w.report(ctx)
		if err == nil || w.isGone(ctx, err) {
			return w.forget()
		}
		log.Printf("pod %s: its end cannot be reported yet: %v", w.name(), err)
		select {
		case <-time.After(tick):
		case <-ctx.Done():
			return nil
		}
		if why, _, _ := w.stopped(); why == stopGone {
			return w.forget()
		}
	}
}

// waitForDeletion removes the object once somebody asked for it: with no kubelet, nobody else does.
func (w *worker) waitForDeletion(ctx context.Context) {
	for {
		why, _, changed := w.stopped()
		switch why {
		case stopGone, stopShutdown:
			return
		case stopDeleted:
			now := int64(0)
			err := w.runner.core.Pods(w.pod.Namespace).Delete(ctx, w.pod.Name, metav1.DeleteOptions{
				GracePeriodSeconds: &now,
				Preconditions:      &metav1.Preconditions{UID: &w.pod.UID},
			})
			if err == nil || w.isGone(ctx, err) {
				return
			}
			log.Printf("pod %s: cannot be removed yet: %v", w.name(), err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		case <-retryAfter(why):
		}
	}
}

// retryAfter gives nothing to wait for while nobody asked for the deletion.
func retryAfter(why stopReason) <-chan time.Time {
	if why != stopDeleted {
		return nil
	}
	return time.After(tick)
}
