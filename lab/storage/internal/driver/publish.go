package driver

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atom.example/lab/storage/internal/store"
)

// ControllerPublishVolume attaches a volume to a node. While one node has it for writing no other gets it: that
// is what "detached" means to whoever swaps a volume.
func (d *Driver) ControllerPublishVolume(
	_ context.Context, request *csi.ControllerPublishVolumeRequest,
) (*csi.ControllerPublishVolumeResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, invalid("volume id is missing")
	}
	if request.GetNodeId() == "" {
		return nil, invalid("node id is missing")
	}
	if err := checkCapability(request.GetVolumeCapability()); err != nil {
		return nil, err
	}
	known := func(node store.Node) bool { return node.Name == request.GetNodeId() }
	wanted := store.Attachment{
		ReadOnly: request.GetReadonly(),
		Mode:     request.GetVolumeCapability().GetAccessMode().GetMode().String(),
	}
	err := d.changeVolume(request.GetVolumeId(), func(volume *store.Volume) (bool, error) {
		if !slices.ContainsFunc(d.nodes, known) {
			return false, status.Errorf(codes.NotFound, "node %s is no storage node", request.GetNodeId())
		}
		return attach(volume, request.GetNodeId(), wanted)
	})
	if err != nil {
		return nil, failure(err)
	}
	return &csi.ControllerPublishVolumeResponse{}, nil
}

// attach tells whether the record changed.
func attach(volume *store.Volume, node string, wanted store.Attachment) (bool, error) {
	if now, attached := volume.Attached[node]; attached {
		if now != wanted {
			return false, status.Errorf(codes.AlreadyExists,
				"volume %s is attached to %s in another way", volume.ID, node)
		}
		return false, nil
	}
	shared := func(a store.Attachment) bool {
		return a.Mode == csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY.String()
	}
	for _, other := range slices.Sorted(maps.Keys(volume.Attached)) {
		if !shared(wanted) || !shared(volume.Attached[other]) {
			return false, status.Errorf(codes.FailedPrecondition,
				"volume %s is attached to node %s; it has to be detached there first", volume.ID, other)
		}
	}
	if volume.Attached == nil {
		volume.Attached = map[string]store.Attachment{}
	}
	volume.Attached[node] = wanted
	return true, nil
}

// ControllerUnpublishVolume detaches a volume from a node, from all of them if none is named.
func (d *Driver) ControllerUnpublishVolume(
	_ context.Context, request *csi.ControllerUnpublishVolumeRequest,
) (*csi.ControllerUnpublishVolumeResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, invalid("volume id is missing")
	}
	err := d.changeVolume(request.GetVolumeId(), func(volume *store.Volume) (bool, error) {
		before := len(volume.Attached)
		if request.GetNodeId() == "" {
			volume.Attached = nil
		}
		delete(volume.Attached, request.GetNodeId())
		return len(volume.Attached) != before, nil
	})
	// A volume that is not there is attached nowhere.
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, failure(err)
	}
	return &csi.ControllerUnpublishVolumeResponse{}, nil
}

// ControllerExpandVolume raises the size. Directories need nothing on the node.
func (d *Driver) ControllerExpandVolume(
	_ context.Context, request *csi.ControllerExpandVolumeRequest,
) (*csi.ControllerExpandVolumeResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, invalid("volume id is missing")
	}
	asked := request.GetCapacityRange()
	if asked == nil {
		return nil, invalid("capacity range is missing")
	}
	if asked.GetRequiredBytes() < 0 || asked.GetLimitBytes() < 0 ||
		(asked.GetLimitBytes() > 0 && asked.GetRequiredBytes() > asked.GetLimitBytes()) {
		return nil, invalid("capacity of %d to %d bytes is no range", asked.GetRequiredBytes(), asked.GetLimitBytes())
	}
	var size int64
	err := d.changeVolume(request.GetVolumeId(), func(volume *store.Volume) (bool, error) {
		if asked.GetLimitBytes() > 0 && volume.CapacityBytes > asked.GetLimitBytes() {
			return false, status.Errorf(codes.OutOfRange, "volume %s has %d bytes and cannot be made smaller",
				volume.ID, volume.CapacityBytes)
		}
		grows := asked.GetRequiredBytes() > volume.CapacityBytes
		volume.CapacityBytes = max(volume.CapacityBytes, asked.GetRequiredBytes())
		size = volume.CapacityBytes
		return grows, nil
	})
	if err != nil {
		return nil, failure(err)
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size, NodeExpansionRequired: false}, nil
}

// ValidateVolumeCapabilities confirms what the driver carries.
func (d *Driver) ValidateVolumeCapabilities(
	_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest,
) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if request.GetVolumeId() == "" {
		return nil, invalid("volume id is missing")
	}
	if len(request.GetVolumeCapabilities()) == 0 {
		return nil, invalid("volume capabilities are missing")
	}
	volume, err := d.wholeVolume(request.GetVolumeId())
	if err != nil {
		return nil, failure(err)
	}
	if err := checkCapabilities(request.GetVolumeCapabilities()); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: status.Convert(err).Message()}, nil
	}
	if given := request.GetParameters(); len(given) > 0 && !maps.Equal(given, volume.Parameters) {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: "the volume was made with other parameters"}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
			VolumeContext:      request.GetVolumeContext(),
			VolumeCapabilities: request.GetVolumeCapabilities(),
			Parameters:         request.GetParameters(),
		},
	}, nil
}

func (d *Driver) wholeVolume(id string) (*store.Volume, error) {
	volume, err := d.store.Volume(id)
	if err != nil {
		return nil, err
	}
	if volume.State != store.Whole {
		return nil, status.Errorf(codes.NotFound, "volume %s is %s", id, volume.State)
	}
	return volume, nil
}

// changeVolume reads, changes and writes one record, alone.
func (d *Driver) changeVolume(id string, change func(*store.Volume) (bool, error)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] {
		return status.Errorf(codes.Aborted, "an operation on %s is under way", id)
	}
	volume, err := d.wholeVolume(id)
	if err != nil {
		return err
	}
	changed, err := change(volume)
	if err != nil || !changed {
		return err
	}
	return d.store.SaveVolume(volume)
}
