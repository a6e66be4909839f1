package driver

import (
	"errors"
	"fmt"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"atom.example/lab/storage/internal/store"
)

func fromSnapshot(name, snapshot string) *csi.CreateVolumeRequest {
	request := ask(name)
	request.VolumeContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Snapshot{
		Snapshot: &csi.VolumeContentSource_SnapshotSource{SnapshotId: snapshot},
	}}
	return request
}

func nodesOf(t *testing.T, keep *store.Store, id string) []string {
	t.Helper()
	volume, err := keep.Volume(id)
	must(t, err)
	return volume.ReplicaNodes()
}

func TestRestoreOutlivesTheVolume(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	put(t, keep, id, "x", "before")
	snapshot := makeSnapshot(t, d, "cut", id)
	put(t, keep, id, "x", "after")
	if again := makeSnapshot(t, d, "cut", id); again.GetSnapshotId() != snapshot.GetSnapshotId() ||
		!again.GetCreationTime().AsTime().Equal(snapshot.GetCreationTime().AsTime()) {
		t.Fatalf("cut again: %v is not %v", again, snapshot)
	}
	_, err := d.DeleteVolume(ctx, &csi.DeleteVolumeRequest{VolumeId: id})
	must(t, err)
	if snapshot.GetSizeBytes() != gibibyte || !snapshot.GetReadyToUse() {
		t.Fatalf("the snapshot is %v", snapshot)
	}

	small := fromSnapshot("small", snapshot.GetSnapshotId())
	small.CapacityRange.RequiredBytes = gibibyte - 1
	_, err = d.CreateVolume(ctx, small)
	wants(t, err, fmt.Sprintf("code = OutOfRange desc = %d bytes are less than the %d of the source", gibibyte-1, gibibyte))

	large := fromSnapshot("restored", snapshot.GetSnapshotId())
	large.CapacityRange.RequiredBytes = 2 * gibibyte
	restored := makeVolume(t, d, large)
	if got := everywhere(t, nodesOf(t, keep, restored.GetVolumeId()), keep.VolumeDir, restored.GetVolumeId(), "x"); got != "before" {
		t.Fatalf("the restored volume has %q", got)
	}
}

func TestCloneHasTheBytesOfItsOrigin(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	put(t, keep, id, "x", "text")
	request := ask("clone")
	request.VolumeContentSource = &csi.VolumeContentSource{Type: &csi.VolumeContentSource_Volume{
		Volume: &csi.VolumeContentSource_VolumeSource{VolumeId: id},
	}}
	clone := makeVolume(t, d, request)
	if got := everywhere(t, nodesOf(t, keep, clone.GetVolumeId()), keep.VolumeDir, clone.GetVolumeId(), "x"); got != "text" {
		t.Fatalf("the clone has %q", got)
	}
}

func TestGroupIsCutAtOneMoment(t *testing.T) {
	d, keep := newTestDriver(t)
	one, two := makeVolume(t, d, ask("one")).GetVolumeId(), makeVolume(t, d, ask("two")).GetVolumeId()
	put(t, keep, one, "x", "1")
	put(t, keep, two, "x", "2")
	request := &csi.CreateVolumeGroupSnapshotRequest{Name: "group", SourceVolumeIds: []string{two, one}}
	answer, err := call(ctx, d, "CreateVolumeGroupSnapshot", request, d.CreateVolumeGroupSnapshot)
	must(t, err)
	group := answer.GetGroupSnapshot()
	if len(group.GetSnapshots()) != 2 || !group.GetReadyToUse() {
		t.Fatalf("the group is %v", group)
	}
	ids := map[string]string{}
	for _, member := range group.GetSnapshots() {
		ids[member.GetSourceVolumeId()] = member.GetSnapshotId()
		if !member.GetCreationTime().AsTime().Equal(group.GetCreationTime().AsTime()) {
			t.Fatalf("member of %v in a group of %v", member.GetCreationTime(), group.GetCreationTime())
		}
		if member.GetGroupSnapshotId() != group.GetGroupSnapshotId() {
			t.Fatalf("member names group %q", member.GetGroupSnapshotId())
		}
		_, err := d.DeleteSnapshot(ctx, &csi.DeleteSnapshotRequest{SnapshotId: member.GetSnapshotId()})
		wants(t, err, fmt.Sprintf("code = InvalidArgument desc = snapshot %s belongs to group snapshot %s and goes with it",
			member.GetSnapshotId(), group.GetGroupSnapshotId()))
	}
	for volume, want := range map[string]string{one: "1", two: "2"} {
		if got := everywhere(t, nodesOf(t, keep, volume), keep.SnapshotDir, ids[volume], "x"); got != want {
			t.Fatalf("the copy of %s has %q", volume, got)
		}
	}
	_, err = d.CreateVolumeGroupSnapshot(ctx, &csi.CreateVolumeGroupSnapshotRequest{Name: "group", SourceVolumeIds: []string{one}})
	wants(t, err, fmt.Sprintf("code = AlreadyExists desc = group snapshot group exists, of volumes [%s %s]", one, two))
	_, err = d.DeleteVolumeGroupSnapshot(ctx, &csi.DeleteVolumeGroupSnapshotRequest{
		GroupSnapshotId: group.GetGroupSnapshotId(), SnapshotIds: []string{ids[one], ids[two]},
	})
	must(t, err)
	for _, id := range ids {
		if _, err := keep.Snapshot(id); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("reading member %s gives %v", id, err)
		}
	}
}
