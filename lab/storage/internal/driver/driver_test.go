package driver

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"atom.example/lab/storage/internal/store"
)

var testNodes = []store.Node{
	{Name: "atom-a-1", Site: "a"}, {Name: "atom-a-2", Site: "a"},
	{Name: "atom-b-1", Site: "b"}, {Name: "atom-b-2", Site: "b"},
	{Name: "atom-c-1", Site: "c"}, {Name: "atom-c-2", Site: "c"},
}

var ctx = context.Background()

func newTestDriver(t *testing.T) (*Driver, *store.Store) {
	t.Helper()
	keep, err := store.Open(t.TempDir())
	must(t, err)
	return New(keep, testNodes), keep
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call goes through the interceptor, as a call over the socket does.
func call[Q, A any](ctx context.Context, d *Driver, method string, request Q, do func(context.Context, Q) (A, error)) (A, error) {
	answer, err := d.Intercept(ctx, request, &grpc.UnaryServerInfo{FullMethod: "/csi.v1.Controller/" + method},
		func(ctx context.Context, request any) (any, error) { return do(ctx, request.(Q)) })
	typed, _ := answer.(A)
	return typed, err
}

func capability(mode csi.VolumeCapability_AccessMode_Mode) *csi.VolumeCapability {
	return &csi.VolumeCapability{
		AccessType: &csi.VolumeCapability_Mount{Mount: &csi.VolumeCapability_MountVolume{}},
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: mode},
	}
}

var writer = capability(csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER)

// ask is a request for the volume of the claim atom/<name> with two copies on two sites.
func ask(name string) *csi.CreateVolumeRequest {
	return &csi.CreateVolumeRequest{
		Name: name, VolumeCapabilities: []*csi.VolumeCapability{writer},
		CapacityRange: &csi.CapacityRange{RequiredBytes: gibibyte},
		Parameters: map[string]string{
			replicasKey: "2", spreadKey: SiteKey, maxPerDomainKey: "1",
			"csi.storage.k8s.io/pvc/namespace": "atom", "csi.storage.k8s.io/pvc/name": name,
		},
	}
}

func makeVolume(t *testing.T, d *Driver, request *csi.CreateVolumeRequest) *csi.Volume {
	t.Helper()
	answer, err := call(ctx, d, "CreateVolume", request, d.CreateVolume)
	must(t, err)
	return answer.GetVolume()
}

func makeSnapshot(t *testing.T, d *Driver, name, volume string) *csi.Snapshot {
	t.Helper()
	answer, err := cutSnapshot(d, name, volume)
	must(t, err)
	return answer.GetSnapshot()
}

func cutSnapshot(d *Driver, name, volume string) (*csi.CreateSnapshotResponse, error) {
	return call(ctx, d, "CreateSnapshot", &csi.CreateSnapshotRequest{Name: name, SourceVolumeId: volume}, d.CreateSnapshot)
}

// wants compares an error with its whole text, e.g. "rpc error: code = NotFound desc = ...".
func wants(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || err.Error() != "rpc error: "+text {
		t.Fatalf("got  %v\nwant rpc error: %s", err, text)
	}
	if _, isStatus := status.FromError(err); !isStatus {
		t.Fatalf("%v is no gRPC status", err)
	}
}

// put writes a file to every replica, as the runner leaves it.
func put(t *testing.T, keep *store.Store, id, name, text string) {
	t.Helper()
	volume, err := keep.Volume(id)
	must(t, err)
	for _, replica := range volume.Replicas {
		must(t, os.WriteFile(filepath.Join(keep.VolumeDir(replica.Node, id), name), []byte(text), 0o600))
	}
}

// everywhere reads a file of each copy and fails unless all are equal.
func everywhere(t *testing.T, nodes []string, dir func(node, id string) string, id, name string) string {
	t.Helper()
	first := ""
	for i, node := range nodes {
		text, err := os.ReadFile(filepath.Join(dir(node, id), name))
		must(t, err)
		if i == 0 {
			first = string(text)
		} else if string(text) != first {
			t.Fatalf("%s: the copy on %s is %q, that on %s %q", name, nodes[0], first, node, text)
		}
	}
	return first
}

func faults(t *testing.T, keep *store.Store, text string) {
	t.Helper()
	path := filepath.Join(keep.Dir, "faults.json")
	must(t, os.WriteFile(path+".new", []byte(text), 0o600))
	must(t, os.Rename(path+".new", path))
}
