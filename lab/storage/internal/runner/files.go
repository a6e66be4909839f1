package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atom.example/lab/storage/internal/store"
)

// configMap reads one; an optional one that is missing is empty.
func (w *worker) configMap(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	object, err := w.runner.core.ConfigMaps(w.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	values := map[string][]byte{}
	for key, value := range object.Data {
		values[key] = []byte(value)
	}
	for key, value := range object.BinaryData {
		values[key] = value
	}
	return values, nil
}

func (w *worker) secret(ctx context.Context, name string, optional *bool) (map[string][]byte, error) {
	object, err := w.runner.core.Secrets(w.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return object.Data, nil
}

func (w *worker) configMapVolume(ctx context.Context, volume string, from *corev1.ConfigMapVolumeSource) (string, error) {
	values, err := w.configMap(ctx, from.Name, from.Optional)
	if err != nil {
		return "", err
	}
	return w.writeFiles(volume, values, from.Items, from.DefaultMode, from.Optional)
}

func (w *worker) secretVolume(ctx context.Context, volume string, from *corev1.SecretVolumeSource) (string, error) {
	values, err := w.secret(ctx, from.SecretName, from.Optional)
	if err != nil {
		return "", err
	}
	return w.writeFiles(volume, values, from.Items, from.DefaultMode, from.Optional)
}

// writeFiles makes a folder with a file per key, or per item if any are named. The folder is made anew each
// time it is asked for, until the pod starts.
func (w *worker) writeFiles(
	volume string, values map[string][]byte, items []corev1.KeyToPath, mode *int32, optional *bool,
) (string, error) {
	dir := w.volumeDir(volume)
	if err := store.RemoveTree(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if len(items) == 0 {
		for key := range values {
			items = append(items, corev1.KeyToPath{Key: key, Path: key})
		}
	}
	for _, item := range items {
		value, present := values[item.Key]
		if !present && optional != nil && *optional {
			continue
		}
		if !present {
			return "", fmt.Errorf("key %q is missing", item.Key)
		}
		if !filepath.IsLocal(item.Path) {
			return "", neverf("path %q leads out of the volume", item.Path)
		}
		if err := writeFile(filepath.Join(dir, item.Path), value, item.Mode, mode); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// writeFile writes with the item's mode, else the volume's, else 0644.
func writeFile(path string, value []byte, modes ...*int32) error {
	mode := os.FileMode(0o644)
	for _, given := range modes {
		if given != nil {
			mode = os.FileMode(*given).Perm()
			break
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, value, 0o600); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
