package driver

import (
	"context"
	"errors"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atom.example/lab/storage/internal/store"
)

// CreateSnapshot cuts one volume. The same name for the same volume gives the same snapshot, never a second
// cut.
func (d *Driver) CreateSnapshot(
	ctx context.Context, request *csi.CreateSnapshotRequest,
) (*csi.CreateSnapshotResponse, error) {
	name, volume := request.GetName(), request.GetSourceVolumeId()
	if name == "" {
		return nil, invalid("name is missing")
	}
	if volume == "" {
		return nil, invalid("source volume id is missing")
	}
	if err := checkKeys(request.GetParameters(), nil); err != nil {
		return nil, err
	}
	end, err := d.begin("snapshot " + name)
	if err != nil {
		return nil, err
	}
	defer end()
	snapshot, err := d.snapshotNamed(name)
	if err != nil {
		return nil, failure(err)
	}
	if snapshot != nil && snapshot.SourceVolume != volume {
		return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists, of volume %s", name, snapshot.SourceVolume)
	}
	if snapshot == nil {
		if snapshot, err = d.cutOne(ctx, name, volume); err != nil {
			return nil, failure(err)
		}
	}
	if err := lateFailure(snapshot, d.now()); err != nil {
		return nil, err
	}
	return &csi.CreateSnapshotResponse{Snapshot: d.describeSnapshot(snapshot)}, nil
}

func (d *Driver) cutOne(ctx context.Context, name, volume string) (*store.Snapshot, error) {
	snapshot, err := d.newSnapshot(name, volume, "")
	if err != nil {
		return nil, err
	}
	if err := d.cut(ctx, []*store.Snapshot{snapshot}); err != nil {
		return nil, err
	}
	return snapshot, nil
}

// newSnapshot gives a snapshot its id; nothing is written yet.
func (d *Driver) newSnapshot(name, volume, group string) (*store.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.store.Volume(volume); err != nil {
		return nil, err
	}
	id, err := d.store.NewID("snap", name)
	return &store.Snapshot{ID: id, Name: name, Group: group, SourceVolume: volume}, err
}

// cut makes the copies and plays what a test asks for.
func (d *Driver) cut(ctx context.Context, snapshots []*store.Snapshot) error {
	action := faultOf(ctx)
	at := d.now
	err := d.store.Cut(snapshots, func() time.Time {
		moment := at().UTC()
		for _, snapshot := range snapshots {
			snapshot.ReadyAt = moment.Add(time.Duration(action.ReadyAfterMS) * time.Millisecond)
			if late := action.FailLate; late != nil {
				// Checked when the rule was read.
				code, _ := codeNamed(late.Code)
				fails := moment.Add(time.Duration(late.AfterMS) * time.Millisecond)
				snapshot.Failure = &store.Failure{At: fails, Code: uint32(code), Message: late.Message}
			}
		}
		return moment
	})
	if err != nil {
		return err
	}
	for _, snapshot := range snapshots {
		if err := d.lie(action, snapshot); err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) lie(action faultAction, snapshot *store.Snapshot) error {
	if action.Corrupt {
		for _, node := range snapshot.Nodes {
			if _, err := flipByte(d.store.SnapshotDir(node, snapshot.ID)); err != nil {
				return err
			}
		}
	}
	if action.LoseAfter {
		// What is answered stays as if nothing were wrong.
		lost := *snapshot
		return d.store.RemoveSnapshot(&lost)
	}
	return nil
}

// snapshotNamed finds the snapshot of a name, nil if there is none. What an earlier call left half made and
// could not remove is removed now.
func (d *Driver) snapshotNamed(name string) (*store.Snapshot, error) {
	snapshots, err := d.store.Snapshots()
	if err != nil {
		return nil, err
	}
	for _, snapshot := range snapshots {
		if snapshot.Name != name {
			continue
		}
		if snapshot.State != store.Whole {
			return nil, d.store.RemoveSnapshot(snapshot)
		}
		return snapshot, nil
	}
	return nil, nil
}

// ready tells whether a snapshot may be used; one that fails late never is.
func ready(snapshot *store.Snapshot, now time.Time) bool {
	return snapshot.State == store.Whole && snapshot.Failure == nil && !now.Before(snapshot.ReadyAt)
}

func lateFailure(snapshot *store.Snapshot, now time.Time) error {
	if late := snapshot.Failure; late != nil && !now.Before(late.At) {
		return status.Error(codes.Code(late.Code), late.Message)
	}
	return nil
}

func (d *Driver) describeSnapshot(snapshot *store.Snapshot) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:      snapshot.ID,
		SourceVolumeId:  snapshot.SourceVolume,
		SizeBytes:       snapshot.CapacityBytes,
		CreationTime:    timestamppb.New(snapshot.CreatedAt),
		ReadyToUse:      ready(snapshot, d.now()),
		GroupSnapshotId: snapshot.Group,
	}
}

// DeleteSnapshot removes every copy. A snapshot that is not there is deleted already; a member of a group goes
// with its group only.
func (d *Driver) DeleteSnapshot(
	_ context.Context, request *csi.DeleteSnapshotRequest,
) (*csi.DeleteSnapshotResponse, error) {
	if request.GetSnapshotId() == "" {
		return nil, invalid("snapshot id is missing")
	}
	end, err := d.begin(request.GetSnapshotId())
	if err != nil {
		return nil, err
	}
	defer end()
	snapshot, err := d.store.Snapshot(request.GetSnapshotId())
	if errors.Is(err, store.ErrNotFound) {
		return &csi.DeleteSnapshotResponse{}, nil
	}
	if err != nil {
		return nil, failure(err)
	}
	if snapshot.Group != "" {
		return nil, invalid("snapshot %s belongs to group snapshot %s and goes with it", snapshot.ID, snapshot.Group)
	}
	if err := d.store.RemoveSnapshot(snapshot); err != nil {
		return nil, failure(err)
	}
	return &csi.DeleteSnapshotResponse{}, nil
}
