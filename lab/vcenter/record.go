package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// record is the state of one machine that outlives the process.
type record struct {
	VM      string           `json:"vm"`
	Power   string           `json:"power"`
	NextID  int32            `json:"nextId"`
	Current string           `json:"current,omitempty"`
	Roots   []recordSnapshot `json:"roots,omitempty"`
	// Counter is the highest number given in an object reference so far.
	Counter int `json:"counter"`
}

type recordSnapshot struct {
	Ref         string           `json:"ref"`
	ID          int32            `json:"id"`
	Name        string           `json:"name"`
	Description string           `json:"description,omitempty"`
	Created     time.Time        `json:"created"`
	State       string           `json:"state"`
	Quiesced    bool             `json:"quiesced,omitempty"`
	Children    []recordSnapshot `json:"children,omitempty"`
}

func newRecord(name string, vm *simulator.VirtualMachine, nextID int32) record {
	r := record{VM: name, Power: string(vm.Runtime.PowerState), NextID: nextID}
	if withoutSnapshot(vm.Snapshot) {
		return r
	}
	r.Roots = recordTree(vm.Snapshot.RootSnapshotList)
	if current := vm.Snapshot.CurrentSnapshot; current != nil && findRecord(r.Roots, current.Value) != nil {
		r.Current = current.Value
	}
	walkRecords(r.Roots, func(s recordSnapshot) { r.NextID = max(r.NextID, s.ID+1) })
	return r
}

func recordTree(list []types.VirtualMachineSnapshotTree) []recordSnapshot {
	var out []recordSnapshot
	for _, s := range list {
		out = append(out, recordSnapshot{
			Ref:         s.Snapshot.Value,
			ID:          s.Id,
			Name:        s.Name,
			Description: s.Description,
			Created:     s.CreateTime.UTC().Round(0),
			State:       string(s.State),
			Quiesced:    s.Quiesced,
			Children:    recordTree(s.ChildSnapshotList),
		})
	}
	return out
}

func walkRecords(list []recordSnapshot, visit func(recordSnapshot)) {
	for _, s := range list {
		visit(s)
		walkRecords(s.Children, visit)
	}
}

func findRecord(list []recordSnapshot, ref string) *recordSnapshot {
	for i := range list {
		if list[i].Ref == ref {
			return &list[i]
		}
		if found := findRecord(list[i].Children, ref); found != nil {
			return found
		}
	}
	return nil
}

// parentOf gives the reference above ref, or "" for a root.
func parentOf(list []recordSnapshot, ref string) string {
	for _, s := range list {
		for _, child := range s.Children {
			if child.Ref == ref {
				return s.Ref
			}
		}
		if found := parentOf(s.Children, ref); found != "" {
			return found
		}
	}
	return ""
}

// depthOf counts the snapshots from a root down to ref.
func depthOf(list []recordSnapshot, ref string) int {
	for _, s := range list {
		if s.Ref == ref {
			return 1
		}
		if below := depthOf(s.Children, ref); below > 0 {
			return below + 1
		}
	}
	return 0
}

func snapshotRef(value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "VirtualMachineSnapshot", Value: value}
}

// restore makes machine and registry what the record says: the tree, the registered snapshot objects with
// their children, the current snapshot and the power state. Objects of the earlier record, and of the tree as
// the machine has it, that the record lacks are forgotten.
func (r record) restore(vm *simulator.VirtualMachine, earlier record) {
	vm.Runtime.PowerState = types.VirtualMachinePowerState(r.Power)
	vm.Summary.Runtime.PowerState = vm.Runtime.PowerState
	forget := func(s recordSnapshot) {
		if findRecord(r.Roots, s.Ref) == nil {
			simulator.Map.Remove(snapshotRef(s.Ref))
		}
	}
	walkRecords(earlier.Roots, forget)
	if vm.Snapshot != nil {
		walkRecords(recordTree(vm.Snapshot.RootSnapshotList), forget)
	}
	vm.RootSnapshot = nil
	for _, root := range r.Roots {
		vm.RootSnapshot = append(vm.RootSnapshot, snapshotRef(root.Ref))
	}
	if len(r.Roots) == 0 {
		vm.Snapshot = nil
		return
	}
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{RootSnapshotList: restoreTree(vm, r.Roots)}
	if r.Current != "" {
		current := snapshotRef(r.Current)
		vm.Snapshot.CurrentSnapshot = &current
	}
}

func restoreTree(vm *simulator.VirtualMachine, list []recordSnapshot) []types.VirtualMachineSnapshotTree {
	var out []types.VirtualMachineSnapshotTree
	for _, s := range list {
		ref := snapshotRef(s.Ref)
		object, ok := simulator.Map.Get(ref).(*simulator.VirtualMachineSnapshot)
		if !ok {
			object = &simulator.VirtualMachineSnapshot{}
			object.Self, object.Vm, object.Config = ref, vm.Self, *vm.Config
			simulator.Map.Put(object)
		}
		object.ChildSnapshot = nil
		for _, child := range s.Children {
			object.ChildSnapshot = append(object.ChildSnapshot, snapshotRef(child.Ref))
		}
		out = append(out, types.VirtualMachineSnapshotTree{
			Snapshot:          ref,
			Vm:                vm.Self,
			Name:              s.Name,
			Description:       s.Description,
			Id:                s.ID,
			CreateTime:        s.Created,
			State:             types.VirtualMachinePowerState(s.State),
			Quiesced:          s.Quiesced,
			ReplaySupported:   types.NewBool(false),
			ChildSnapshotList: restoreTree(vm, s.Children),
		})
	}
	return out
}
