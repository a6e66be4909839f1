package driver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atom.example/lab/storage/internal/store"
)

// GetCapacity tells the room left on the file system that all nodes share.
func (d *Driver) GetCapacity(context.Context, *csi.GetCapacityRequest) (*csi.GetCapacityResponse, error) {
	var room unix.Statfs_t
	if err := unix.Statfs(d.store.Dir, &room); err != nil {
		return nil, failure(err)
	}
	return &csi.GetCapacityResponse{AvailableCapacity: int64(room.Bavail) * room.Bsize}, nil
}

// ListVolumes lists the volumes with the nodes that they are attached to.
func (d *Driver) ListVolumes(
	_ context.Context, request *csi.ListVolumesRequest,
) (*csi.ListVolumesResponse, error) {
	volumes, err := d.store.Volumes()
	if err != nil {
		return nil, failure(err)
	}
	volumes = slices.DeleteFunc(volumes, func(v *store.Volume) bool { return v.State != store.Whole })
	page, next, err := paged(volumes, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	answer := &csi.ListVolumesResponse{NextToken: next}
	for _, volume := range page {
		answer.Entries = append(answer.Entries, &csi.ListVolumesResponse_Entry{
			Volume: d.describe(volume, nil),
			Status: &csi.ListVolumesResponse_VolumeStatus{
				PublishedNodeIds: slices.Sorted(maps.Keys(volume.Attached)),
			},
		})
	}
	return answer, nil
}

// ListSnapshots lists the snapshots, all, one, or those of a volume. Asked for one that failed late it answers
// with the failure, which is how the snapshotter learns of it.
func (d *Driver) ListSnapshots(
	_ context.Context, request *csi.ListSnapshotsRequest,
) (*csi.ListSnapshotsResponse, error) {
	snapshots, err := d.findSnapshots(request.GetSnapshotId())
	if err != nil {
		return nil, failure(err)
	}
	snapshots = slices.DeleteFunc(snapshots, func(s *store.Snapshot) bool {
		source := request.GetSourceVolumeId()
		return s.State != store.Whole || (source != "" && s.SourceVolume != source)
	})
	page, next, err := paged(snapshots, request.GetStartingToken(), request.GetMaxEntries())
	if err != nil {
		return nil, err
	}
	answer := &csi.ListSnapshotsResponse{NextToken: next}
	for _, snapshot := range page {
		if err := lateFailure(snapshot, d.now()); err != nil && request.GetSnapshotId() != "" {
			return nil, err
		}
		answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{
			Snapshot: d.describeSnapshot(snapshot),
		})
	}
	return answer, nil
}

func (d *Driver) findSnapshots(id string) ([]*store.Snapshot, error) {
	if id == "" {
		return d.store.Snapshots()
	}
	snapshot, err := d.store.Snapshot(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return []*store.Snapshot{snapshot}, err
}

// paged cuts a list to what was asked for; the token is the place to go on at.
func paged[T any](all []T, token string, most int32) ([]T, string, error) {
	start := 0
	if token != "" {
		var err error
		if start, err = strconv.Atoi(token); err != nil || start < 0 || start > len(all) {
			return nil, "", status.Errorf(codes.Aborted, "starting token %q is not one of ours", token)
		}
	}
	if most < 0 {
		return nil, "", invalid("max entries %d is negative", most)
	}
	page := all[start:]
	if most > 0 && int(most) < len(page) {
		return page[:most], strconv.Itoa(start + int(most)), nil
	}
	return page, "", nil
}
