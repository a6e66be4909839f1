package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"

	"atom.example/lab/storage/internal/driver"
	"atom.example/lab/storage/internal/store"
)

func TestMain(m *testing.M) {
	// The runner starts itself to become a container; here that is the test program.
	if len(os.Args) == 2 && os.Args[1] == InsideCommand {
		Inside()
	}
	os.Exit(m.Run())
}

// lab is a runner over a fake API server and real volumes.
type lab struct {
	t       *testing.T
	api     *fake.Clientset
	store   *store.Store
	options Options
	stop    func()
}

func newLab(t *testing.T) *lab {
	t.Helper()
	dir := t.TempDir()
	keep, err := store.Open(filepath.Join(dir, "storage"))
	must(t, err)
	tools := filepath.Join(dir, "tools")
	must(t, os.Mkdir(tools, 0o755))
	must(t, os.WriteFile(filepath.Join(tools, "labtool"), []byte("#!/bin/sh\necho from the lab\n"), 0o755))
	l := &lab{t: t, api: fake.NewClientset(), store: keep, options: Options{
		Store: keep, Hosts: filepath.Join(dir, "hosts"), Tools: tools,
		Work: filepath.Join(dir, "runner"), Logs: filepath.Join(dir, "logs"),
	}}
	l.start()
	t.Cleanup(func() { l.stop() })
	return l
}

func (l *lab) start() {
	l.t.Helper()
	r, err := New(l.api.CoreV1(), l.api.StorageV1(), l.options)
	must(l.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	l.stop = func() { cancel(); <-ended }
	until(l.t, "the runner lists the pods", func() bool { return r.Ready() == nil })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// volume makes a bound claim, attached to node a1, with a copy on a1 and b1.
func (l *lab) volume(name string) *store.Volume {
	l.t.Helper()
	id, err := l.store.NewID("vol", name)
	must(l.t, err)
	v := &store.Volume{ID: id, Name: name, Replicas: []store.Replica{{Node: "a1", Site: "a"}, {Node: "b1", Site: "b"}}}
	must(l.t, l.store.MakeVolume(v, ""))
	ctx := context.Background()
	_, err = l.api.CoreV1().PersistentVolumes().Create(ctx, &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "pv-" + name},
		Spec: corev1.PersistentVolumeSpec{PersistentVolumeSource: corev1.PersistentVolumeSource{
			CSI: &corev1.CSIPersistentVolumeSource{Driver: driver.Name, VolumeHandle: id},
		}},
	}, metav1.CreateOptions{})
	must(l.t, err)
	_, err = l.api.CoreV1().PersistentVolumeClaims("atom").Create(ctx, &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PersistentVolumeClaimSpec{VolumeName: "pv-" + name},
		Status:     corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound},
	}, metav1.CreateOptions{})
	must(l.t, err)
	l.attach(name, true)
	return v
}

func (l *lab) attach(name string, attached bool) {
	l.t.Helper()
	pv := "pv-" + name
	attachments := l.api.StorageV1().VolumeAttachments()
	_ = attachments.Delete(context.Background(), "va-"+name, metav1.DeleteOptions{})
	_, err := attachments.Create(context.Background(), &storagev1.VolumeAttachment{
		ObjectMeta: metav1.ObjectMeta{Name: "va-" + name},
		Spec: storagev1.VolumeAttachmentSpec{
			Attacher: driver.Name, NodeName: "a1",
			Source: storagev1.VolumeAttachmentSource{PersistentVolumeName: &pv},
		},
		Status: storagev1.VolumeAttachmentStatus{Attached: attached},
	}, metav1.CreateOptions{})
	must(l.t, err)
}

// script is a pod of a Job on node a1 with one container that runs a shell script with the claims at /<claim>.
func script(name, text string, claims ...string) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: "atom", UID: types.UID("uid-" + name),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "job"}},
		},
		Spec: corev1.PodSpec{
			NodeName: "a1", RestartPolicy: corev1.RestartPolicyNever,
			Containers: []corev1.Container{{Name: "main", Image: "image", Command: []string{"sh", "-ec", text}}},
		},
	}
	for _, claim := range claims {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: claim, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}})
		pod.Spec.Containers[0].VolumeMounts = append(pod.Spec.Containers[0].VolumeMounts,
			corev1.VolumeMount{Name: claim, MountPath: "/" + claim})
	}
	return pod
}

func (l *lab) create(pod *corev1.Pod) {
	l.t.Helper()
	_, err := l.api.CoreV1().Pods("atom").Create(context.Background(), pod, metav1.CreateOptions{})
	must(l.t, err)
}

func (l *lab) get(name string) *corev1.Pod {
	l.t.Helper()
	pod, err := l.api.CoreV1().Pods("atom").Get(context.Background(), name, metav1.GetOptions{})
	must(l.t, err)
	return pod
}

func (l *lab) reaches(name string, phase corev1.PodPhase) *corev1.Pod {
	l.t.Helper()
	until(l.t, fmt.Sprintf("pod %s is %s", name, phase), func() bool {
		now := l.get(name).Status.Phase
		if terminal(now) && now != phase {
			l.t.Fatalf("pod %s is %s: %+v", name, now, l.get(name).Status)
		}
		return now == phase
	})
	return l.get(name)
}

// runs creates a pod and waits for its end. It gives the first container's.
func (l *lab) runs(pod *corev1.Pod, phase corev1.PodPhase) *corev1.ContainerStateTerminated {
	l.t.Helper()
	l.create(pod)
	ended := l.reaches(pod.Name, phase)
	state := ended.Status.ContainerStatuses[0].State.Terminated
	if state == nil {
		l.t.Fatalf("the container has not ended: %+v", ended.Status)
	}
	return state
}

// forgets waits until nothing is kept of any pod, which is right after its end was told.
func (l *lab) forgets() {
	l.t.Helper()
	until(l.t, "the runner forgets what it kept", func() bool {
		left, err := filepath.Glob(filepath.Join(l.options.Work, "pods", "*"))
		return err == nil && len(left) == 0
	})
}

func (l *lab) logOf(pod string) string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.options.Logs, "atom_"+pod+"_main.log"))
	must(l.t, err)
	return string(text)
}

func (l *lab) onBoth(v *store.Volume, name string) string {
	l.t.Helper()
	one, err := os.ReadFile(filepath.Join(l.store.VolumeDir("a1", v.ID), name))
	must(l.t, err)
	two, err := os.ReadFile(filepath.Join(l.store.VolumeDir("b1", v.ID), name))
	must(l.t, err)
	if string(one) != string(two) {
		l.t.Fatalf("%s is %q on a1 and %q on b1", name, one, two)
	}
	return string(one)
}
