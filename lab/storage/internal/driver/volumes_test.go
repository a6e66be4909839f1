package driver

import (
	"fmt"
	"slices"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
)

func at(sites ...string) *csi.TopologyRequirement {
	requirement := &csi.TopologyRequirement{}
	for _, site := range sites {
		requirement.Preferred = append(requirement.Preferred, &csi.Topology{Segments: map[string]string{SiteKey: site}})
	}
	return requirement
}

func TestVolumeIsPlacedAtItsConsumer(t *testing.T) {
	d, keep := newTestDriver(t)
	request := ask("data")
	request.AccessibilityRequirements = at("b", "c", "a")
	volume := makeVolume(t, d, request)
	if got := volume.GetVolumeContext()["replicaNodes"]; got != "atom-b-1,atom-c-1" {
		t.Fatalf("replicaNodes is %q", got)
	}
	var sites []string
	for _, topology := range volume.GetAccessibleTopology() {
		sites = append(sites, topology.GetSegments()[SiteKey])
	}
	if !slices.Equal(sites, []string{"b", "c"}) {
		t.Fatalf("accessible from %v", sites)
	}
	record, err := keep.Volume(volume.GetVolumeId())
	must(t, err)
	if fmt.Sprint(record.Replicas) != "[{atom-b-1 b} {atom-c-1 c}]" || record.Claim.String() != "atom/data" {
		t.Fatalf("the record says %+v", record)
	}
	// The next one goes where less is.
	request = ask("more")
	request.AccessibilityRequirements = at("b", "c", "a")
	if got := makeVolume(t, d, request).GetVolumeContext()["replicaNodes"]; got != "atom-b-2,atom-c-2" {
		t.Fatalf("replicaNodes of the second volume is %q", got)
	}
}

func TestSameNameGivesTheSameVolume(t *testing.T) {
	d, _ := newTestDriver(t)
	first, again := makeVolume(t, d, ask("data")), makeVolume(t, d, ask("data"))
	if first.GetVolumeId() != again.GetVolumeId() {
		t.Fatalf("%s and %s", first.GetVolumeId(), again.GetVolumeId())
	}
	other := ask("data")
	other.Parameters[replicasKey] = "3"
	_, err := d.CreateVolume(ctx, other)
	wants(t, err, "code = AlreadyExists desc = volume data exists with another parameters")
}

func TestVolumeRefusals(t *testing.T) {
	d, keep := newTestDriver(t)
	cases := []struct {
		name   string
		change func(*csi.CreateVolumeRequest)
		want   string
	}{
		{"unknown key", func(r *csi.CreateVolumeRequest) { r.Parameters["replica"] = "2" },
			`code = InvalidArgument desc = parameter "replica" is not known; allowed: maxPerDomain, replicas, spreadKey`},
		{"no number", func(r *csi.CreateVolumeRequest) { r.Parameters[replicasKey] = "two" },
			`code = InvalidArgument desc = parameter replicas "two" is no number from 1 to 16`},
		{"zero", func(r *csi.CreateVolumeRequest) { r.Parameters[maxPerDomainKey] = "0" },
			`code = InvalidArgument desc = parameter maxPerDomain "0" is no number from 1 to 16`},
		{"unknown spread", func(r *csi.CreateVolumeRequest) { r.Parameters[spreadKey] = "rack" },
			`code = InvalidArgument desc = parameter spreadKey "rack" is not known; allowed: topology.kubernetes.io/zone, kubernetes.io/hostname`},
		{"too many copies", func(r *csi.CreateVolumeRequest) { r.Parameters[replicasKey] = "4" },
			"code = ResourceExhausted desc = 4 copies cannot be placed with one per node and at most 1 per value of topology.kubernetes.io/zone: there is room for 3 (storage nodes: a has 2, b has 2, c has 2)"},
		{"shared writing", func(r *csi.CreateVolumeRequest) {
			r.VolumeCapabilities = []*csi.VolumeCapability{capability(csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER)}
		}, "code = InvalidArgument desc = access mode MULTI_NODE_MULTI_WRITER is not carried: one node writes, or none"},
		{"block", func(r *csi.CreateVolumeRequest) {
			r.VolumeCapabilities = []*csi.VolumeCapability{{AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}}}}
		}, "code = InvalidArgument desc = block volumes are not carried: a volume is a directory"},
		{"no range", func(r *csi.CreateVolumeRequest) {
			r.CapacityRange = &csi.CapacityRange{RequiredBytes: 2, LimitBytes: 1}
		},
			"code = InvalidArgument desc = capacity of 2 to 1 bytes is no range"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			request := ask("data")
			c.change(request)
			_, err := call(ctx, d, "CreateVolume", request, d.CreateVolume)
			wants(t, err, c.want)
		})
	}
	volumes, err := keep.Volumes()
	must(t, err)
	if len(volumes) > 0 {
		t.Fatalf("%d volumes are left of what was refused", len(volumes))
	}
}

func TestSpreadOverNodesAlone(t *testing.T) {
	d, _ := newTestDriver(t)
	request := ask("data")
	request.Parameters[spreadKey], request.Parameters[replicasKey] = NodeKey, "6"
	if got := makeVolume(t, d, request).GetVolumeContext()["replicaNodes"]; got != "atom-a-1,atom-a-2,atom-b-1,atom-b-2,atom-c-1,atom-c-2" {
		t.Fatalf("replicaNodes is %q", got)
	}
}

func TestOneNodeWrites(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	attach := func(node string) error {
		_, err := d.ControllerPublishVolume(ctx, &csi.ControllerPublishVolumeRequest{
			VolumeId: id, NodeId: node, VolumeCapability: writer,
		})
		return err
	}
	must(t, attach("atom-a-1"))
	must(t, attach("atom-a-1"))
	wants(t, attach("atom-b-1"), "code = FailedPrecondition desc = volume "+id+" is attached to node atom-a-1; it has to be detached there first")
	wants(t, attach("atom-a-cp"), "code = NotFound desc = node atom-a-cp is no storage node")
	_, err := d.DeleteVolume(ctx, &csi.DeleteVolumeRequest{VolumeId: id})
	wants(t, err, "code = FailedPrecondition desc = volume "+id+" is attached to atom-a-1")
	// Another driver on the same folder, as after a restart, knows it still.
	d = New(keep, testNodes)
	wants(t, attach("atom-b-1"), "code = FailedPrecondition desc = volume "+id+" is attached to node atom-a-1; it has to be detached there first")
	_, err = d.ControllerUnpublishVolume(ctx, &csi.ControllerUnpublishVolumeRequest{VolumeId: id, NodeId: "atom-a-1"})
	must(t, err)
	must(t, attach("atom-b-1"))
}

func TestExpand(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	expand := func(size, limit int64) (int64, error) {
		answer, err := d.ControllerExpandVolume(ctx, &csi.ControllerExpandVolumeRequest{
			VolumeId: id, CapacityRange: &csi.CapacityRange{RequiredBytes: size, LimitBytes: limit},
		})
		return answer.GetCapacityBytes(), err
	}
	for _, size := range []int64{2 * gibibyte, gibibyte} {
		if got, err := expand(size, 0); err != nil || got != 2*gibibyte {
			t.Fatalf("asked for %d: %d, %v", size, got, err)
		}
	}
	_, err := expand(0, gibibyte)
	wants(t, err, fmt.Sprintf("code = OutOfRange desc = volume %s has %d bytes and cannot be made smaller", id, 2*gibibyte))
	record, err := keep.Volume(id)
	must(t, err)
	if record.CapacityBytes != 2*gibibyte {
		t.Fatalf("the record says %d", record.CapacityBytes)
	}
}
