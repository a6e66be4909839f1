// Package driver is the lab's CSI driver: identity, controller and group controller over package store. It has
// no node service, as no kubelet runs in the lab; the runner does what a kubelet would.
package driver

import (
	"context"
	"errors"
	"fmt"
	"log"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atom.example/lab/storage/internal/store"
)

const (
	// Name is the driver's name.
	Name = "lab.csi.atom.example"
	// Version is the vendor version that GetPluginInfo tells.
	Version = "1"
	// SiteKey is the topology key, whose values are the sites.
	SiteKey = "topology.kubernetes.io/zone"
	// NodeKey spreads over nodes alone.
	NodeKey = "kubernetes.io/hostname"
)

// Driver answers the calls.
type Driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedGroupControllerServer

	store  *store.Store
	nodes  []store.Node
	faults *faultBook
	now    func() time.Time

	// mu guards busy and the making of records, so that a name is never given twice.
	mu sync.Mutex
	// busy are the names and ids with a call under way; a second call on one of them is told to come again.
	busy map[string]bool
	// read counts the copies that are being made from a snapshot; it cannot be deleted meanwhile.
	read map[string]int
}

// New makes a driver over a folder that was recovered already.
func New(s *store.Store, nodes []store.Node) *Driver {
	return &Driver{
		store: s, nodes: nodes, faults: newFaultBook(s.Dir), now: time.Now,
		busy: map[string]bool{}, read: map[string]int{},
	}
}

// Register adds the services to a gRPC server, which needs Intercept.
func (d *Driver) Register(server *grpc.Server) {
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	csi.RegisterGroupControllerServer(server, d)
}

// Intercept plays the faults and logs what failed.
func (d *Driver) Intercept(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	method := path.Base(info.FullMethod)
	if !slices.Contains(calls, method) {
		return handler(ctx, request)
	}
	action, err := d.faults.take(method, func() []store.Claim { return d.claims(request) })
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	answer, err := play(ctx, action, request, handler)
	if err != nil {
		log.Printf("%s: %v", method, err)
		return nil, err
	}
	return answer, nil
}

func play(ctx context.Context, action faultAction, request any, handler grpc.UnaryHandler) (any, error) {
	if action.Hang {
		<-ctx.Done()
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	if action.DelayMS > 0 {
		time.Sleep(time.Duration(action.DelayMS) * time.Millisecond)
	}
	if action.Refuse != nil {
		// Checked when the rule was read.
		code, _ := codeNamed(action.Refuse.Code)
		return nil, status.Error(code, action.Refuse.Message)
	}
	answer, err := handler(withFault(ctx, action), request)
	if err == nil && action.DropReply {
		return nil, status.Error(codes.Unavailable, "the connection was cut after the work was done")
	}
	return answer, err
}

// claims are the claims that a request has to do with.
func (d *Driver) claims(request any) []store.Claim {
	var ids []string
	switch r := request.(type) {
	case *csi.CreateVolumeRequest:
		return []store.Claim{claimOf(r.GetParameters())}
	case *csi.CreateVolumeGroupSnapshotRequest:
		ids = r.GetSourceVolumeIds()
	case *csi.DeleteVolumeGroupSnapshotRequest:
		ids = d.groupVolumes(r.GetGroupSnapshotId())
	case *csi.GetVolumeGroupSnapshotRequest:
		ids = d.groupVolumes(r.GetGroupSnapshotId())
	case *csi.CreateSnapshotRequest:
		ids = []string{r.GetSourceVolumeId()}
	case *csi.DeleteSnapshotRequest:
		return d.snapshotClaims(r.GetSnapshotId())
	case *csi.ListSnapshotsRequest:
		return d.snapshotClaims(r.GetSnapshotId())
	case interface{ GetVolumeId() string }:
		ids = []string{r.GetVolumeId()}
	}
	var claims []store.Claim
	for _, id := range ids {
		if volume, err := d.store.Volume(id); err == nil {
			claims = append(claims, volume.Claim)
		}
	}
	return claims
}

func (d *Driver) groupVolumes(id string) []string {
	group, err := d.store.Group(id)
	if err != nil {
		return nil
	}
	return group.Volumes
}

func (d *Driver) snapshotClaims(id string) []store.Claim {
	snapshot, err := d.store.Snapshot(id)
	if err != nil {
		return nil
	}
	return []store.Claim{snapshot.SourceClaim}
}

// begin marks names and ids as having a call under way. It gives the function that ends it.
func (d *Driver) begin(keys ...string) (func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range keys {
		if d.busy[key] || d.read[key] > 0 {
			return nil, status.Errorf(codes.Aborted, "an operation on %s is under way", key)
		}
	}
	for _, key := range keys {
		d.busy[key] = true
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, key := range keys {
			delete(d.busy, key)
		}
	}, nil
}

// share keeps a snapshot from being deleted while it is read. It gives the function that ends it.
func (d *Driver) share(id string) (func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] {
		return nil, status.Errorf(codes.Aborted, "an operation on %s is under way", id)
	}
	d.read[id]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.read[id]--
	}, nil
}

// failure says an error of the store in gRPC's words.
func failure(err error) error {
	if err == nil {
		return nil
	}
	if _, isStatus := status.FromError(err); isStatus {
		return err
	}
	if errors.Is(err, store.ErrNotFound) {
		return status.Error(codes.NotFound, err.Error())
	}
	return status.Error(codes.Internal, err.Error())
}

func invalid(format string, values ...any) error {
	return status.Error(codes.InvalidArgument, fmt.Sprintf(format, values...))
}
