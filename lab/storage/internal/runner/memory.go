package runner

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"

	"atom.example/lab/storage/internal/store"
)

// memory is what the runner keeps of a pod over its own death. It is written before the first container may
// start: a pod that has one was perhaps run, and is never run again.
type memory struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Result is the status to report; it is there once everything that was written is on every replica.
	Result *corev1.PodStatus `json:"result,omitempty"`
}

func (w *worker) dir() string        { return filepath.Join(w.runner.options.Work, "pods", string(w.pod.UID)) }
func (w *worker) memoryPath() string { return filepath.Join(w.dir(), "memory.json") }

// recall gives what an earlier runner kept of the pod, nil if nothing.
func (w *worker) recall() (*memory, error) {
	text, err := os.ReadFile(w.memoryPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept := &memory{}
	return kept, json.Unmarshal(text, kept)
}

func (w *worker) remember(result *corev1.PodStatus) error {
	if err := os.MkdirAll(w.dir(), 0o700); err != nil {
		return err
	}
	return store.WriteJSON(w.memoryPath(), memory{Namespace: w.pod.Namespace, Name: w.pod.Name, Result: result})
}

// forget removes everything of the pod, emptyDir and Secret volumes included.
func (w *worker) forget() error { return store.RemoveTree(w.dir()) }
