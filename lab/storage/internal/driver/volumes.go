package driver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atom.example/lab/storage/internal/store"
)

const (
	gibibyte = 1 << 30
	// replicaNodesKey is where a volume's context, and so the PV, names the nodes with a copy, sorted.
	replicaNodesKey = "replicaNodes"
)

// CreateVolume places the copies and fills them. The same name with the same wishes gives the same volume.
func (d *Driver) CreateVolume(
	ctx context.Context, request *csi.CreateVolumeRequest,
) (*csi.CreateVolumeResponse, error) {
	if request.GetName() == "" {
		return nil, invalid("name is missing")
	}
	if err := checkCapabilities(request.GetVolumeCapabilities()); err != nil {
		return nil, err
	}
	if len(request.GetMutableParameters()) > 0 {
		return nil, invalid("mutable parameters are not carried")
	}
	wanted, err := demand(request.GetParameters(), request.GetAccessibilityRequirements())
	if err != nil {
		return nil, err
	}
	end, err := d.begin("volume " + request.GetName())
	if err != nil {
		return nil, err
	}
	defer end()
	volume, err := d.volumeNamed(request.GetName())
	if err != nil {
		return nil, failure(err)
	}
	if volume == nil {
		if volume, err = d.makeVolume(ctx, request, wanted); err != nil {
			return nil, failure(err)
		}
	} else if err := sameWishes(volume, request); err != nil {
		return nil, err
	}
	return &csi.CreateVolumeResponse{Volume: d.describe(volume, request.GetVolumeContentSource())}, nil
}

// volumeNamed finds the volume of a name, nil if there is none. What an earlier call left half made and could
// not remove is removed now.
func (d *Driver) volumeNamed(name string) (*store.Volume, error) {
	volumes, err := d.store.Volumes()
	if err != nil {
		return nil, err
	}
	for _, volume := range volumes {
		if volume.Name != name {
			continue
		}
		if volume.State != store.Whole {
			return nil, d.store.RemoveVolume(volume)
		}
		return volume, nil
	}
	return nil, nil
}

func (d *Driver) makeVolume(
	ctx context.Context, request *csi.CreateVolumeRequest, wanted store.Demand,
) (*store.Volume, error) {
	volume := &store.Volume{
		Name:       request.GetName(),
		Parameters: request.GetParameters(),
		Claim:      claimOf(request.GetParameters()),
		CreatedAt:  d.now().UTC(),
	}
	source, err := d.findSource(request.GetVolumeContentSource(), volume)
	if err != nil {
		return nil, err
	}
	if volume.CapacityBytes, err = capacity(request.GetCapacityRange(), max(source.size, 1)); err != nil {
		return nil, err
	}
	if err := d.place(volume, wanted, faultOf(ctx).SiteDown); err != nil {
		return nil, err
	}
	if err := source.use(func(dir string) error { return d.store.MakeVolume(volume, dir) }); err != nil {
		return nil, errors.Join(err, d.store.RemoveVolume(volume))
	}
	if faultOf(ctx).Corrupt {
		for _, replica := range volume.Replicas {
			if _, err := flipByte(d.store.VolumeDir(replica.Node, volume.ID)); err != nil {
				return nil, err
			}
		}
	}
	return volume, nil
}

// place chooses id and nodes; only one volume at a time, so that each sees the load of the one before.
func (d *Driver) place(volume *store.Volume, wanted store.Demand, down string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	load, err := d.store.Load()
	if err != nil {
		return err
	}
	up := slices.DeleteFunc(slices.Clone(d.nodes), func(n store.Node) bool { return n.Site == down })
	if volume.Replicas, err = store.Place(up, load, wanted); err != nil {
		return status.Error(codes.ResourceExhausted, err.Error())
	}
	if volume.ID, err = d.store.NewID("vol", volume.Name); err != nil {
		return err
	}
	volume.State = store.Making
	return d.store.SaveVolume(volume)
}

// source is where the first bytes of a volume come from.
type source struct {
	size int64
	// use gives the folder to copy from, "" for none, and keeps it as it is meanwhile.
	use func(func(dir string) error) error
}

func (d *Driver) findSource(content *csi.VolumeContentSource, volume *store.Volume) (source, error) {
	switch {
	case content == nil:
		return source{use: func(f func(string) error) error { return f("") }}, nil
	case content.GetSnapshot() != nil:
		snapshot, err := d.store.Snapshot(content.GetSnapshot().GetSnapshotId())
		if err != nil {
			return source{}, err
		}
		if !ready(snapshot, d.now()) {
			return source{}, status.Errorf(codes.Unavailable, "snapshot %s is not ready", snapshot.ID)
		}
		volume.FromSnapshot = snapshot.ID
		return source{size: snapshot.CapacityBytes, use: func(f func(string) error) error {
			return d.useSnapshot(snapshot, f)
		}}, nil
	case content.GetVolume() != nil:
		origin, err := d.store.Volume(content.GetVolume().GetVolumeId())
		if err != nil {
			return source{}, err
		}
		volume.FromVolume = origin.ID
		return source{size: origin.CapacityBytes, use: func(f func(string) error) error {
			return d.store.HoldStill([]string{origin.ID}, func(still []store.Still) error { return f(still[0].Dir) })
		}}, nil
	}
	return source{}, invalid("the content source is neither a snapshot nor a volume")
}

// useSnapshot keeps a snapshot from being deleted while it is copied.
func (d *Driver) useSnapshot(snapshot *store.Snapshot, f func(string) error) error {
	end, err := d.share(snapshot.ID)
	if err != nil {
		return err
	}
	defer end()
	// Read again, now that it stays.
	if snapshot, err = d.store.Snapshot(snapshot.ID); err != nil {
		return err
	}
	dir, err := d.store.SnapshotSource(snapshot)
	if err != nil {
		return status.Error(codes.DataLoss, err.Error())
	}
	return f(dir)
}

// capacity chooses the size: what is asked for, at least what the source had; without a wish one GiB.
func capacity(asked *csi.CapacityRange, least int64) (int64, error) {
	required, limit := asked.GetRequiredBytes(), asked.GetLimitBytes()
	if required < 0 || limit < 0 || (limit > 0 && required > limit) {
		return 0, invalid("capacity of %d to %d bytes is no range", required, limit)
	}
	size := required
	if size == 0 {
		size = max(gibibyte, least)
		if limit > 0 {
			size = min(size, limit)
		}
	}
	if size < least {
		return 0, status.Errorf(codes.OutOfRange, "%d bytes are less than the %d of the source", size, least)
	}
	return size, nil
}

// sameWishes refuses a known name with other wishes.
func sameWishes(volume *store.Volume, request *csi.CreateVolumeRequest) error {
	asked := request.GetCapacityRange()
	content := request.GetVolumeContentSource()
	var differs string
	switch {
	case asked.GetRequiredBytes() > volume.CapacityBytes,
		asked.GetLimitBytes() > 0 && asked.GetLimitBytes() < volume.CapacityBytes:
		differs = "capacity"
	case !maps.Equal(request.GetParameters(), volume.Parameters):
		differs = "parameters"
	case content.GetSnapshot().GetSnapshotId() != volume.FromSnapshot,
		content.GetVolume().GetVolumeId() != volume.FromVolume:
		differs = "source"
	default:
		return nil
	}
	return status.Errorf(codes.AlreadyExists, "volume %s exists with another %s", request.GetName(), differs)
}

func (d *Driver) describe(volume *store.Volume, content *csi.VolumeContentSource) *csi.Volume {
	described := &csi.Volume{
		VolumeId:      volume.ID,
		CapacityBytes: volume.CapacityBytes,
		ContentSource: content,
		VolumeContext: map[string]string{replicaNodesKey: strings.Join(volume.ReplicaNodes(), ",")},
	}
	var at []string
	for _, replica := range volume.Replicas {
		if !slices.Contains(at, replica.Site) {
			at = append(at, replica.Site)
		}
	}
	// A workload may run where a copy lies: that is what makes it survive a site, and what keeps it there.
	for _, site := range at {
		described.AccessibleTopology = append(described.AccessibleTopology,
			&csi.Topology{Segments: map[string]string{SiteKey: site}})
	}
	return described
}

// DeleteVolume removes every copy. A volume that is not there is deleted already.
func (d *Driver) DeleteVolume(
	_ context.Context, request *csi.DeleteVolumeRequest,
) (*csi.DeleteVolumeResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, invalid("volume id is missing")
	}
	end, err := d.begin(request.GetVolumeId())
	if err != nil {
		return nil, err
	}
	defer end()
	volume, err := d.store.Volume(request.GetVolumeId())
	if errors.Is(err, store.ErrNotFound) {
		return &csi.DeleteVolumeResponse{}, nil
	}
	if err != nil {
		return nil, failure(err)
	}
	if len(volume.Attached) > 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is attached to %s", volume.ID,
			strings.Join(slices.Sorted(maps.Keys(volume.Attached)), ", "))
	}
	if err := d.store.RemoveVolume(volume); err != nil {
		return nil, failure(err)
	}
	return &csi.DeleteVolumeResponse{}, nil
}
