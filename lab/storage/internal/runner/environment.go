package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// loopback is the address of every pod: all of them share the network of this machine.
const loopback = "127.0.0.1"

// environment gives the variables of a container: those of the runner, from envFrom, and its own, in this order
// of precedence.
func (w *worker) environment(ctx context.Context, container corev1.Container) (map[string]string, error) {
	values := map[string]string{
		"PATH":     w.runner.options.Tools + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME":     "/root",
		"HOSTNAME": w.pod.Name,
	}
	for _, from := range container.EnvFrom {
		var all map[string][]byte
		var err error
		switch {
		case from.ConfigMapRef != nil:
			all, err = w.configMap(ctx, from.ConfigMapRef.Name, from.ConfigMapRef.Optional)
		case from.SecretRef != nil:
			all, err = w.secret(ctx, from.SecretRef.Name, from.SecretRef.Optional)
		}
		if err != nil {
			return nil, err
		}
		for key, value := range all {
			values[from.Prefix+key] = string(value)
		}
	}
	for _, variable := range container.Env {
		value, present := expand(variable.Value, values), true
		if variable.ValueFrom != nil {
			var err error
			if value, present, err = w.valueFrom(ctx, variable.ValueFrom); err != nil {
				return nil, fmt.Errorf("env %s: %w", variable.Name, err)
			}
		}
		if present {
			values[variable.Name] = value
		}
	}
	return values, nil
}

func (w *worker) valueFrom(ctx context.Context, from *corev1.EnvVarSource) (string, bool, error) {
	var all map[string][]byte
	var err error
	var key string
	var optional *bool
	switch {
	case from.FieldRef != nil:
		value, err := w.field(from.FieldRef.FieldPath)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		key, optional = from.ConfigMapKeyRef.Key, from.ConfigMapKeyRef.Optional
		all, err = w.configMap(ctx, from.ConfigMapKeyRef.Name, optional)
	case from.SecretKeyRef != nil:
		key, optional = from.SecretKeyRef.Key, from.SecretKeyRef.Optional
		all, err = w.secret(ctx, from.SecretKeyRef.Name, optional)
	default:
		return "", false, neverf("the lab's runner resolves fieldRef, configMapKeyRef and secretKeyRef only")
	}
	if err != nil {
		return "", false, err
	}
	value, present := all[key]
	if !present && (optional == nil || !*optional) {
		return "", false, fmt.Errorf("key %q is missing", key)
	}
	return string(value), present, nil
}

func (w *worker) field(path string) (string, error) {
	switch path {
	case "metadata.name":
		return w.pod.Name, nil
	case "metadata.namespace":
		return w.pod.Namespace, nil
	case "metadata.uid":
		return string(w.pod.UID), nil
	case "spec.nodeName":
		return w.pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return w.pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.hostIP":
		return loopback, nil
	}
	for prefix, values := range map[string]map[string]string{
		"metadata.labels": w.pod.Labels, "metadata.annotations": w.pod.Annotations,
	} {
		if key, found := strings.CutPrefix(path, prefix+"['"); found && strings.HasSuffix(key, "']") {
			return values[strings.TrimSuffix(key, "']")], nil
		}
	}
	return "", neverf("field %s is not resolved by the lab's runner", path)
}

// settings are the variables as a process takes them, in a fixed order.
func settings(values map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return list
}
