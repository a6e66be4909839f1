//go:build crds

// Package controlplane pins the module that carries the snapshot CRDs as YAML (client/config/crd).
// The blank import only keeps the requirement in go.mod; nothing of it is compiled into a binary.
package controlplane

import _ "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
