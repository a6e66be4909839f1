//go:build crds

// Package prometheus pins the module that carries the CRDs of Prometheus' operator as YAML (example/prometheus-operator-crd).
// The blank import only keeps the requirement in go.mod; nothing of it is compiled into a binary.
package prometheus

import _ "github.com/prometheus-operator/prometheus-operator/pkg/versionutil"
