package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atom.example/lab/storage/internal/driver"
)

// source is where the bytes of one of the pod's volumes are.
type source struct {
	// volume is the id of a volume of the driver; dir is empty then, as the replica is chosen at the start.
	volume   string
	dir      string
	readOnly bool
}

// never is an error that waiting does not cure.
type never struct{ error }

func neverf(format string, values ...any) error { return never{fmt.Errorf(format, values...)} }

// sources finds all volumes of the pod. An error says what is missing yet; only "never" is final.
func (w *worker) sources(ctx context.Context) (map[string]source, error) {
	found := map[string]source{}
	for _, volume := range w.pod.Spec.Volumes {
		one, err := w.source(ctx, volume)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
		}
		found[volume.Name] = one
	}
	return found, nil
}

func (w *worker) source(ctx context.Context, volume corev1.Volume) (source, error) {
	switch {
	case volume.PersistentVolumeClaim != nil:
		one, err := w.claim(ctx, volume.PersistentVolumeClaim.ClaimName)
		one.readOnly = one.readOnly || volume.PersistentVolumeClaim.ReadOnly
		return one, err
	case volume.Ephemeral != nil:
		return w.claim(ctx, w.pod.Name+"-"+volume.Name)
	case volume.HostPath != nil:
		dir, err := w.hostPath(volume.HostPath)
		return source{dir: dir}, err
	case volume.EmptyDir != nil:
		dir := w.volumeDir(volume.Name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return source{}, err
		}
		return source{dir: dir}, os.Chmod(dir, 0o777)
	case volume.ConfigMap != nil:
		dir, err := w.configMapVolume(ctx, volume.Name, volume.ConfigMap)
		return source{dir: dir, readOnly: true}, err
	case volume.Secret != nil:
		dir, err := w.secretVolume(ctx, volume.Name, volume.Secret)
		return source{dir: dir, readOnly: true}, err
	}
	return source{}, neverf("the lab's runner mounts persistentVolumeClaim, ephemeral, hostPath, emptyDir, configMap and secret volumes only")
}

func (w *worker) volumeDir(name string) string { return filepath.Join(w.dir(), "volumes", name) }

// claim waits for what a kubelet waits for: the claim bound, and its volume attached to the node.
func (w *worker) claim(ctx context.Context, name string) (source, error) {
	claim, err := w.runner.core.PersistentVolumeClaims(w.pod.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return source{}, err
	}
	if claim.Status.Phase != corev1.ClaimBound {
		return source{}, fmt.Errorf("claim %s is %s, not Bound", name, claim.Status.Phase)
	}
	volume, err := w.runner.core.PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		return source{}, err
	}
	csi := volume.Spec.CSI
	if csi == nil || csi.Driver != driver.Name {
		return source{}, neverf("PersistentVolume %s is none of driver %s", volume.Name, driver.Name)
	}
	attachments, err := w.runner.storage.VolumeAttachments().List(ctx, metav1.ListOptions{})
	if err != nil {
		return source{}, err
	}
	for _, attachment := range attachments.Items {
		spec := attachment.Spec
		if spec.Attacher != driver.Name || spec.NodeName != w.pod.Spec.NodeName ||
			spec.Source.PersistentVolumeName == nil || *spec.Source.PersistentVolumeName != volume.Name {
			continue
		}
		if attachment.DeletionTimestamp != nil {
			return source{}, fmt.Errorf("PersistentVolume %s is being detached from %s", volume.Name, spec.NodeName)
		}
		if !attachment.Status.Attached {
			return source{}, fmt.Errorf("PersistentVolume %s is not attached to %s yet", volume.Name, spec.NodeName)
		}
		return source{volume: csi.VolumeHandle, readOnly: csi.ReadOnly}, nil
	}
	return source{}, fmt.Errorf("PersistentVolume %s has no attachment to %s yet", volume.Name, w.pod.Spec.NodeName)
}

// hostPath is a path below the folder that stands for the node's file system.
func (w *worker) hostPath(host *corev1.HostPathVolumeSource) (string, error) {
	root := filepath.Join(w.runner.options.Hosts, w.pod.Spec.NodeName)
	at := filepath.Join(root, filepath.Clean("/"+host.Path))
	kind := corev1.HostPathUnset
	if host.Type != nil {
		kind = *host.Type
	}
	switch kind {
	// Without a type container runtimes make a folder where nothing is.
	case corev1.HostPathUnset, corev1.HostPathDirectoryOrCreate:
		if _, err := os.Stat(at); err == nil && kind == corev1.HostPathUnset {
			return at, nil
		}
		return at, os.MkdirAll(at, 0o755)
	case corev1.HostPathFileOrCreate:
		file, err := os.OpenFile(at, os.O_CREATE|os.O_RDONLY, 0o644)
		if err != nil {
			return "", fmt.Errorf("hostPath %s on %s: %w", host.Path, w.pod.Spec.NodeName, err)
		}
		return at, file.Close()
	case corev1.HostPathDirectory, corev1.HostPathFile:
		info, err := os.Stat(at)
		if err != nil || info.IsDir() != (kind == corev1.HostPathDirectory) {
			return "", fmt.Errorf("hostPath %s is no %s on %s", host.Path, strings.ToLower(string(kind)), w.pod.Spec.NodeName)
		}
		return at, nil
	}
	return "", neverf("hostPath type %s is not carried", kind)
}

// within is a path below a volume that a subPath names; one that leads out of it is refused.
func within(dir, sub string, create bool) (string, error) {
	if sub == "" {
		return dir, nil
	}
	if filepath.IsAbs(sub) || !filepath.IsLocal(sub) {
		return "", fmt.Errorf("subPath %q leads out of the volume", sub)
	}
	at := filepath.Join(dir, sub)
	if _, err := os.Stat(at); err != nil && create {
		if err := os.MkdirAll(at, 0o777); err != nil {
			return "", err
		}
	}
	real, err := filepath.EvalSymlinks(at)
	if err != nil {
		return "", err
	}
	base, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	if real != base && !strings.HasPrefix(real, base+"/") {
		return "", fmt.Errorf("subPath %q leads out of the volume", sub)
	}
	return real, nil
}
