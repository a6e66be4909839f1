// Package runner does for the pods of Jobs what a kubelet does: it waits for their volumes, runs their very
// commands as processes of this machine on the volumes' real bytes, and reports what came of it. Images are not
// run: a command finds the programs of this machine and of the lab.
package runner

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
	storage "k8s.io/client-go/kubernetes/typed/storage/v1"
	"k8s.io/client-go/tools/cache"

	"atom.example/lab/storage/internal/store"
)

// Options say where things are.
type Options struct {
	// Store is the data folder of the driver.
	Store *store.Store
	// Hosts has one folder per node, which stands for the node's file system.
	Hosts string
	// Tools is the folder of programs that comes first in PATH.
	Tools string
	// Work is a folder of the runner's own, Logs the one for what containers print.
	Work, Logs string
}

// Runner takes care of the pods of Jobs on all nodes.
type Runner struct {
	options  Options
	core     core.CoreV1Interface
	storage  storage.StorageV1Interface
	starter  *starter
	replicas *replicas

	mu      sync.Mutex
	workers map[types.UID]*worker
	running sync.WaitGroup
	synced  func() bool
}

// New makes a runner, and first puts on every replica what the containers of a killed runner wrote.
func New(pods core.CoreV1Interface, attachments storage.StorageV1Interface, options Options) (*Runner, error) {
	for _, dir := range []string{options.Hosts, options.Logs, filepath.Join(options.Work, "root")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	r := &Runner{
		options: options, core: pods, storage: attachments, starter: newStarter(),
		replicas: &replicas{options.Store}, workers: map[types.UID]*worker{},
	}
	done, err := r.replicas.recover()
	for _, id := range done {
		log.Printf("volume %s: mirrored what an earlier run had not", id)
	}
	return r, err
}

// scheduled selects the pods that have a node.
const scheduled = "spec.nodeName!="

// plainListWatch lists and then watches. The newer way, a list that comes through the watch, saves memory at
// the server for many pods, of which a lab has none, and does not exist for a server that is played.
type plainListWatch struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is asked by the informer.
func (plainListWatch) IsWatchListSemanticsUnSupported() bool { return true }

// Run works until ctx ends, then ends the containers.
func (r *Runner) Run(ctx context.Context) {
	all := r.core.Pods(metav1.NamespaceAll)
	pods := plainListWatch{&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = scheduled
			return all.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = scheduled
			return all.Watch(ctx, o)
		},
	}}
	_, informer := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: pods,
		ObjectType:    &corev1.Pod{},
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { r.see(ctx, object) },
			UpdateFunc: func(_, object any) { r.see(ctx, object) },
			DeleteFunc: r.gone,
		},
	})
	r.mu.Lock()
	r.synced = informer.HasSynced
	r.mu.Unlock()
	informer.Run(ctx.Done())
	r.mu.Lock()
	for _, w := range r.workers {
		w.stop(stopOrder{why: stopShutdown, grace: time.Second})
	}
	r.mu.Unlock()
	r.running.Wait()
}

// Ready is nil once the pods were listed.
func (r *Runner) Ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.synced == nil || !r.synced() {
		return fmt.Errorf("the pods were not listed yet")
	}
	return nil
}

// ofJob tells whether a Job made the pod; others are not the runner's.
func ofJob(pod *corev1.Pod) bool {
	for _, owner := range pod.OwnerReferences {
		if owner.Kind == "Job" && owner.APIVersion == "batch/v1" {
			return true
		}
	}
	return false
}

func (r *Runner) see(ctx context.Context, object any) {
	pod, isPod := object.(*corev1.Pod)
	if !isPod || !ofJob(pod) || pod.Spec.NodeName == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	w, known := r.workers[pod.UID]
	if !known {
		if ctx.Err() != nil {
			return
		}
		w = newWorker(r, pod.DeepCopy())
		r.workers[pod.UID] = w
		r.running.Add(1)
		go func() {
			defer r.running.Done()
			w.run(ctx)
		}()
	}
	if pod.DeletionTimestamp != nil {
		w.stop(stopOrder{why: stopDeleted, grace: graceOf(pod)})
	}
}

// gone is told when the object is gone: nobody may ask for a grace period any more.
func (r *Runner) gone(object any) {
	if last, isLast := object.(cache.DeletedFinalStateUnknown); isLast {
		object = last.Obj
	}
	pod, isPod := object.(*corev1.Pod)
	if !isPod {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, known := r.workers[pod.UID]; known {
		w.stop(stopOrder{why: stopGone})
		delete(r.workers, pod.UID)
	}
}

func graceOf(pod *corev1.Pod) time.Duration {
	seconds := int64(corev1.DefaultTerminationGracePeriodSeconds)
	if pod.Spec.TerminationGracePeriodSeconds != nil {
		seconds = *pod.Spec.TerminationGracePeriodSeconds
	}
	if pod.DeletionGracePeriodSeconds != nil {
		seconds = *pod.DeletionGracePeriodSeconds
	}
	return time.Duration(seconds) * time.Second
}
