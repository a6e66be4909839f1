package driver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"

	"atom.example/lab/storage/internal/store"
)

func TestFaultRefusesOneClaimSoManyTimes(t *testing.T) {
	d, keep := newTestDriver(t)
	one, two := makeVolume(t, d, ask("one")).GetVolumeId(), makeVolume(t, d, ask("two")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateSnapshot", "claim": "atom/two", "times": 2,
		"action": {"refuse": {"code": "RESOURCE_EXHAUSTED", "message": "pool full"}}}]`)
	makeSnapshot(t, d, "one", one)
	_, err := cutSnapshot(d, "two", two)
	wants(t, err, "code = ResourceExhausted desc = pool full")
	// The count holds over a restart of the driver.
	d = New(keep, testNodes)
	_, err = cutSnapshot(d, "two", two)
	wants(t, err, "code = ResourceExhausted desc = pool full")
	makeSnapshot(t, d, "two", two)
}

func TestFaultReadyLate(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateSnapshot", "action": {"readyAfterMs": 5000}}]`)
	start := time.Now()
	d.now = func() time.Time { return start }
	snapshot := makeSnapshot(t, d, "cut", id)
	if snapshot.GetReadyToUse() {
		t.Fatal("it is ready at once")
	}
	_, err := d.CreateVolume(ctx, fromSnapshot("early", snapshot.GetSnapshotId()))
	wants(t, err, "code = Unavailable desc = snapshot "+snapshot.GetSnapshotId()+" is not ready")
	d.now = func() time.Time { return start.Add(5 * time.Second) }
	again := makeSnapshot(t, d, "cut", id)
	if !again.GetReadyToUse() || again.GetSnapshotId() != snapshot.GetSnapshotId() ||
		!again.GetCreationTime().AsTime().Equal(start.UTC()) {
		t.Fatalf("later it is %v", again)
	}
}

func TestFaultFailsLate(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateSnapshot", "times": 1,
		"action": {"failLate": {"afterMs": 1000, "code": "Internal", "message": "disk gone"}}}]`)
	start := time.Now()
	d.now = func() time.Time { return start }
	snapshot := makeSnapshot(t, d, "cut", id)
	if snapshot.GetReadyToUse() {
		t.Fatal("it is ready at once")
	}
	d.now = func() time.Time { return start.Add(time.Second) }
	_, err := cutSnapshot(d, "cut", id)
	wants(t, err, "code = Internal desc = disk gone")
	_, err = d.ListSnapshots(ctx, &csi.ListSnapshotsRequest{SnapshotId: snapshot.GetSnapshotId()})
	wants(t, err, "code = Internal desc = disk gone")
	_, err = d.DeleteSnapshot(ctx, &csi.DeleteSnapshotRequest{SnapshotId: snapshot.GetSnapshotId()})
	must(t, err)
	if !makeSnapshot(t, d, "cut", id).GetReadyToUse() {
		t.Fatal("a new cut is not ready")
	}
}

func TestFaultCorruptsEveryCopy(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	put(t, keep, id, "x", "abcde")
	put(t, keep, id, "y", "no")
	faults(t, keep, `[{"method": "CreateSnapshot", "action": {"corrupt": true}}]`)
	snapshot := makeSnapshot(t, d, "cut", id)
	nodes := nodesOf(t, keep, id)
	want := "ab" + string([]byte{'c' ^ 0xff}) + "de"
	if got := everywhere(t, nodes, keep.SnapshotDir, snapshot.GetSnapshotId(), "x"); got != want || !snapshot.GetReadyToUse() {
		t.Fatalf("the copies have %q, ready: %v", got, snapshot.GetReadyToUse())
	}
	if got := everywhere(t, nodes, keep.SnapshotDir, snapshot.GetSnapshotId(), "y"); got != "no" {
		t.Fatalf("another file has %q", got)
	}
	if got := everywhere(t, nodes, keep.VolumeDir, id, "x"); got != "abcde" {
		t.Fatalf("the volume itself has %q", got)
	}
}

func TestFaultLosesWhatItSaidIsThere(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateSnapshot", "times": 1, "action": {"loseAfter": true}}]`)
	snapshot := makeSnapshot(t, d, "cut", id)
	if !snapshot.GetReadyToUse() || snapshot.GetSizeBytes() != gibibyte || snapshot.GetCreationTime() == nil {
		t.Fatalf("the lie is not told well: %v", snapshot)
	}
	_, err := d.CreateVolume(ctx, fromSnapshot("restored", snapshot.GetSnapshotId()))
	wants(t, err, "code = NotFound desc = not found: snapshot "+snapshot.GetSnapshotId())
	if left, _ := filepath.Glob(filepath.Join(keep.Dir, "nodes/*/snapshots/*")); len(left) > 0 {
		t.Fatalf("%v is left", left)
	}
}

func TestFaultDropsTheReply(t *testing.T) {
	d, keep := newTestDriver(t)
	id := makeVolume(t, d, ask("data")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateSnapshot", "times": 1, "action": {"dropReply": true}}]`)
	_, err := cutSnapshot(d, "cut", id)
	wants(t, err, "code = Unavailable desc = the connection was cut after the work was done")
	kept, err := keep.Snapshots()
	must(t, err)
	if len(kept) != 1 {
		t.Fatalf("%d snapshots", len(kept))
	}
	if again := makeSnapshot(t, d, "cut", id); again.GetSnapshotId() != kept[0].ID {
		t.Fatalf("asked again it cut %s beside %s", again.GetSnapshotId(), kept[0].ID)
	}
}

func TestFaultHangsUntilTheCallerGivesUp(t *testing.T) {
	d, keep := newTestDriver(t)
	faults(t, keep, `[{"method": "CreateVolume", "action": {"hang": true}}]`)
	limited, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := call(limited, d, "CreateVolume", ask("data"), d.CreateVolume)
	wants(t, err, "code = DeadlineExceeded desc = context deadline exceeded")
	volumes, err := keep.Volumes()
	must(t, err)
	if len(volumes) != 0 {
		t.Fatalf("%d volumes were made", len(volumes))
	}
}

func TestFaultDelaysAndStillWorks(t *testing.T) {
	d, keep := newTestDriver(t)
	faults(t, keep, `[{"method": "CreateVolume", "action": {"delayMs": 60}}]`)
	start := time.Now()
	makeVolume(t, d, ask("data"))
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Fatalf("it took %s", took)
	}
}

func TestFaultOfASiteThatIsDown(t *testing.T) {
	d, keep := newTestDriver(t)
	faults(t, keep, `[{"method": "CreateVolume", "action": {"siteDown": "b"}}]`)
	request := ask("data")
	request.AccessibilityRequirements = at("b", "c", "a")
	if got := makeVolume(t, d, request).GetVolumeContext()["replicaNodes"]; got != "atom-a-1,atom-c-1" {
		t.Fatalf("replicaNodes is %q", got)
	}
}

func TestWrongFaultsAreRefused(t *testing.T) {
	d, keep := newTestDriver(t)
	path := filepath.Join(keep.Dir, "faults.json")
	for text, want := range map[string]string{
		`[{"method": "Cut", "action": {"hang": true}}]`:                                         `rule 0: method "Cut" is none of *, DeleteVolume, ControllerPublishVolume, ControllerUnpublishVolume, ControllerExpandVolume, DeleteSnapshot, ListSnapshots, DeleteVolumeGroupSnapshot, GetVolumeGroupSnapshot, ValidateVolumeCapabilities, GetCapacity, ListVolumes, CreateVolume, CreateSnapshot, CreateVolumeGroupSnapshot`,
		`[{"method": "CreateSnapshot", "action": {}}]`:                                          "rule 0: action says nothing",
		`[{"method": "CreateVolume", "action": {"loseAfter": true}}]`:                           "rule 0: readyAfterMs, failLate and loseAfter are for CreateSnapshot and CreateVolumeGroupSnapshot",
		`[{"method": "DeleteVolume", "action": {"siteDown": "b"}}]`:                             "rule 0: siteDown is for CreateVolume",
		`[{"method": "DeleteVolume", "action": {"corrupt": true}}]`:                             "rule 0: corrupt is for CreateVolume, CreateSnapshot, CreateVolumeGroupSnapshot",
		`[{"method": "CreateSnapshot", "action": {"refuse": {"code": "Full", "message": ""}}}]`: `rule 0: code "Full" is no gRPC status`,
		`[{"method": "CreateSnapshot", "claim": "data", "action": {"hang": true}}]`:             `rule 0: claim "data" is not namespace/name`,
		`[{"method": "CreateSnapshot", "times": -1, "action": {"hang": true}}]`:                 "rule 0: times, delayMs and readyAfterMs cannot be negative",
		`[{"method": "CreateSnapshot", "action": {"hangs": true}}]`:                             `json: unknown field "hangs"`,
	} {
		faults(t, keep, text)
		_, err := call(ctx, d, "CreateVolume", ask("data"), d.CreateVolume)
		wants(t, err, "code = Internal desc = "+path+": "+want)
	}
	must(t, os.Remove(path))
	makeVolume(t, d, ask("data"))
}

func TestFaultOnOneMemberOfAGroup(t *testing.T) {
	d, keep := newTestDriver(t)
	one, two := makeVolume(t, d, ask("one")).GetVolumeId(), makeVolume(t, d, ask("two")).GetVolumeId()
	faults(t, keep, `[{"method": "CreateVolumeGroupSnapshot", "claim": "atom/two", "times": 1,
		"action": {"refuse": {"code": "Aborted", "message": "member busy"}}}]`)
	request := &csi.CreateVolumeGroupSnapshotRequest{Name: "group", SourceVolumeIds: []string{one, two}}
	_, err := call(ctx, d, "CreateVolumeGroupSnapshot", request, d.CreateVolumeGroupSnapshot)
	wants(t, err, "code = Aborted desc = member busy")
	if kept, err := keep.Snapshots(); err != nil || len(kept) != 0 {
		t.Fatalf("%d snapshots, %v", len(kept), err)
	}
	_, err = keep.Group("group")
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	answer, err := call(ctx, d, "CreateVolumeGroupSnapshot", request, d.CreateVolumeGroupSnapshot)
	must(t, err)
	if !answer.GetGroupSnapshot().GetReadyToUse() {
		t.Fatal("the group is not ready once the fault is used up")
	}
}
