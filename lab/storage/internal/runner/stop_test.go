package runner

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atom.example/lab/storage/internal/store"
)

// delete does what an API server does for a pod that a node has: it marks it, and the node removes it.
func (l *lab) delete(name string, grace int64) {
	l.t.Helper()
	pod := l.get(name)
	at := metav1.Now()
	pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &at, &grace
	_, err := l.api.CoreV1().Pods("atom").Update(context.Background(), pod, metav1.UpdateOptions{})
	must(l.t, err)
}

func (l *lab) vanishes(name string) {
	l.t.Helper()
	until(l.t, "pod "+name+" is removed", func() bool {
		_, err := l.api.CoreV1().Pods("atom").Get(context.Background(), name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
}

func TestDeletedPodEndsInOrder(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	pod := script("stop", `trap 'echo term >> /data/order; exit 0' TERM; echo start > /data/order; while :; do sleep 0.05; done`, "data")
	pod.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{
		PreStop: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "-c", "sleep 0.3; echo pre >> /data/order"}}},
	}
	l.create(pod)
	l.reaches("stop", corev1.PodRunning)
	until(t, "the script has started", func() bool {
		text, err := os.ReadFile(filepath.Join(l.store.VolumeDir("a1", v.ID), "order"))
		return err == nil && string(text) == "start\n"
	})
	l.delete("stop", 30)
	l.vanishes("stop")
	if got := l.onBoth(v, "order"); got != "start\npre\nterm\n" {
		t.Fatalf("the order is %q", got)
	}
}

func TestStubbornPodIsKilled(t *testing.T) {
	l := newLab(t)
	l.create(script("stubborn", `trap '' TERM; echo up; sleep 60 & wait; sleep 60`))
	l.reaches("stubborn", corev1.PodRunning)
	start := time.Now()
	l.delete("stubborn", 1)
	l.vanishes("stubborn")
	if took := time.Since(start); took < time.Second || took > 5*time.Second {
		t.Fatalf("it took %s", took)
	}
}

func TestPodThatWaitsIsRemovedAtOnce(t *testing.T) {
	l := newLab(t)
	l.create(script("wait", "true", "none"))
	l.reaches("wait", corev1.PodPending)
	l.delete("wait", 30)
	l.vanishes("wait")
}

func TestRunnerThatEndsIsSaidSo(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	l.create(script("long", `i=0; while :; do i=$((i+1)); echo $i > /data/.n; mv /data/.n /data/count; done`, "data"))
	l.reaches("long", corev1.PodRunning)
	until(t, "it has counted", func() bool {
		_, err := os.Stat(filepath.Join(l.store.VolumeDir("a1", v.ID), "count"))
		return err == nil
	})
	l.stop()
	l.start()
	status := l.reaches("long", corev1.PodFailed).Status
	if status.Reason != "RunnerRestarted" {
		t.Fatalf("%+v", status)
	}
	if count, err := strconv.Atoi(strings.TrimSpace(l.onBoth(v, "count"))); err != nil || count < 1 {
		t.Fatalf("the count is %d, %v", count, err)
	}
}

// TestStandingMarkIsMirrored plays a runner that was killed: a mark without a process behind it.
func TestStandingMarkIsMirrored(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	l.stop()
	must(t, l.store.SaveWriting(v.ID, &store.Writing{
		Node: "b1", Writers: []store.Writer{{Pod: "gone", Container: "main", PID: 1 << 22, StartTime: "1"}},
	}))
	must(t, os.WriteFile(filepath.Join(l.store.VolumeDir("b1", v.ID), "x"), []byte("ahead"), 0o600))
	l.start()
	if got := l.onBoth(v, "x"); got != "ahead" {
		t.Fatalf("x is %q", got)
	}
}

// TestGroupCutHoldsTheWriter cuts two volumes while a container writes one number to the first and then to the
// second: whatever the moment, the second is never ahead, and never more than one behind.
func TestGroupCutHoldsTheWriter(t *testing.T) {
	l := newLab(t)
	one, two := l.volume("one"), l.volume("two")
	l.create(script("count", `i=0; while :; do i=$((i+1)); echo $i > /one/.n; mv /one/.n /one/n; echo $i > /two/.n; mv /two/.n /two/n; done`, "one", "two"))
	l.reaches("count", corev1.PodRunning)
	last := 0
	for round := range 10 {
		until(t, "the writer goes on", func() bool { return l.number("a1", two, last) > last })
		var members []*store.Snapshot
		for _, v := range []*store.Volume{one, two} {
			id, err := l.store.NewID("snap", v.Name)
			must(t, err)
			members = append(members, &store.Snapshot{ID: id, Name: id, SourceVolume: v.ID})
		}
		must(t, l.store.Cut(members, time.Now))
		var counts []int
		for _, member := range members {
			text, err := os.ReadFile(filepath.Join(l.store.SnapshotDir("b1", member.ID), "n"))
			must(t, err)
			count, err := strconv.Atoi(strings.TrimSpace(string(text)))
			must(t, err)
			counts = append(counts, count)
		}
		if ahead := counts[0] - counts[1]; ahead < 0 || ahead > 1 {
			t.Fatalf("round %d: the first volume has %d, the second %d", round, counts[0], counts[1])
		}
		last = counts[1]
	}
	l.delete("count", 0)
	l.vanishes("count")
	if n := l.onBoth(one, "n"); n == "" {
		t.Fatal("nothing was written")
	}
	l.onBoth(two, "n")
}

func (l *lab) number(node string, v *store.Volume, otherwise int) int {
	text, err := os.ReadFile(filepath.Join(l.store.VolumeDir(node, v.ID), "n"))
	if err != nil {
		return otherwise
	}
	count, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return otherwise
	}
	return count
}
