package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// fixture makes one machine what it has to be for a check to refuse it. What is not stated stays as the
// machine was made.
type fixture struct {
	VM string `json:"vm"`
	// Power is poweredOn, poweredOff or suspended.
	Power string `json:"power,omitempty"`
	// Tools is the guest's toolsRunningStatus, e.g. guestToolsNotRunning.
	Tools         string `json:"tools,omitempty"`
	Consolidation bool   `json:"consolidationNeeded,omitempty"`
	// SharedBus is how the SCSI controllers share their bus, e.g. physicalSharing.
	SharedBus   string `json:"sharedBus,omitempty"`
	Passthrough bool   `json:"passthrough,omitempty"`
	// MAC is the address of its network card.
	MAC string `json:"mac,omitempty"`
	// FreeBytes is what its datastore has left, which other machines of the site then see as well.
	FreeBytes *int64        `json:"freeBytes,omitempty"`
	Disks     []fixtureDisk `json:"disks,omitempty"`
	// Attributes are its custom attributes, as backup tools write them.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// fixtureDisk is one disk more.
type fixtureDisk struct {
	// File is a path on the machine's datastore, e.g. fcd/one.vmdk.
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
	// Mode is the vSphere disk mode; persistent unless stated.
	Mode string `json:"mode,omitempty"`
	// Volume is the id of a First Class Disk.
	Volume string `json:"volume,omitempty"`
	// Raw is physicalMode or virtualMode of a raw device mapping.
	Raw string `json:"raw,omitempty"`
}

// asMade is what a machine goes back to.
type asMade struct {
	vm        *simulator.VirtualMachine
	datastore *simulator.Datastore
	devices   []types.BaseVirtualDevice
	free      int64
}

type fixtures struct {
	made    map[string]asMade
	journal *journal
}

func newFixtures(machines map[string]*simulator.VirtualMachine, j *journal) *fixtures {
	f := &fixtures{made: map[string]asMade{}, journal: j}
	for name, vm := range machines {
		made := asMade{vm: vm, devices: slices.Clone(vm.Config.Hardware.Device)}
		if len(vm.Datastore) > 0 {
			made.datastore, _ = simulator.Map.Get(vm.Datastore[0]).(*simulator.Datastore)
			made.free = made.datastore.Summary.FreeSpace
		}
		f.made[name] = made
	}
	return f
}

// set makes the listed machines what is said of them and all others what they were; nothing changes if one of
// the fixtures is wrong.
func (f *fixtures) set(text []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var list []fixture
	if err := decoder.Decode(&list); err != nil {
		return err
	}
	for i, one := range list {
		if _, known := f.made[one.VM]; !known {
			return fmt.Errorf("fixture %d: there is no machine %q", i, one.VM)
		}
	}
	for name, made := range f.made {
		if made.datastore != nil {
			made.datastore.Summary.FreeSpace = made.free
		}
		if err := f.apply(fixture{VM: name}, made); err != nil {
			return err
		}
	}
	for _, one := range list {
		if err := f.apply(one, f.made[one.VM]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fixtures) apply(one fixture, made asMade) error {
	vm := made.vm
	vm.Runtime.PowerState = types.VirtualMachinePowerState(stated(one.Power, "poweredOn"))
	vm.Summary.Runtime.PowerState = vm.Runtime.PowerState
	vm.Runtime.ConsolidationNeeded = types.NewBool(one.Consolidation)
	vm.Guest.ToolsRunningStatus = stated(one.Tools, "guestToolsRunning")
	vm.Config.Hardware.Device = one.devices(made.devices, vm)
	vm.AvailableField, vm.CustomValue = one.attributes()
	if made.datastore != nil && one.FreeBytes != nil {
		made.datastore.Summary.FreeSpace = *one.FreeBytes
	}
	return f.journal.save(one.VM)
}

// attributes are definitions and values, which vSphere keeps apart.
func (one fixture) attributes() (defined []types.CustomFieldDef, values []types.BaseCustomFieldValue) {
	for i, name := range slices.Sorted(maps.Keys(one.Attributes)) {
		key := int32(i + 1)
		defined = append(defined, types.CustomFieldDef{Key: key, Name: name, Type: "string"})
		values = append(values, &types.CustomFieldStringValue{
			CustomFieldValue: types.CustomFieldValue{Key: key},
			Value:            one.Attributes[name],
		})
	}
	return defined, values
}

func stated(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// devices are the machine's own, changed copies of some of them, and what the fixture adds.
func (one fixture) devices(made []types.BaseVirtualDevice, vm *simulator.VirtualMachine) []types.BaseVirtualDevice {
	var all []types.BaseVirtualDevice
	controller, number := int32(0), int32(0)
	for _, device := range made {
		switch d := device.(type) {
		case *types.ParaVirtualSCSIController:
			changed := *d
			changed.SharedBus = types.VirtualSCSISharing(stated(one.SharedBus, string(d.SharedBus)))
			controller = d.Key
			device = &changed
		case *types.VirtualVmxnet3:
			changed := *d
			changed.MacAddress = stated(one.MAC, d.MacAddress)
			device = &changed
		case *types.VirtualDisk:
			number++
		}
		all = append(all, device)
	}
	folder, _, _ := strings.Cut(vm.Config.Files.VmPathName, "]")
	for i, disk := range one.Disks {
		all = append(all, disk.device(folder+"] ", controller, number+int32(i)+1))
	}
	if one.Passthrough {
		card := &types.VirtualPCIPassthrough{}
		card.Key = 13000
		card.DeviceInfo = &types.Description{Label: "PCI device 0", Summary: "a card of the host"}
		all = append(all, card)
	}
	return all
}

func (d fixtureDisk) device(datastore string, controller, number int32) *types.VirtualDisk {
	disk := &types.VirtualDisk{CapacityInKB: d.Bytes / 1024, CapacityInBytes: d.Bytes}
	disk.Key = 3000 + number
	disk.ControllerKey = controller
	disk.DeviceInfo = &types.Description{Label: fmt.Sprintf("Hard disk %d", number), Summary: "a disk of a fixture"}
	mode := stated(d.Mode, string(types.VirtualDiskModePersistent))
	if d.Raw == "" {
		backing := &types.VirtualDiskFlatVer2BackingInfo{DiskMode: mode}
		backing.FileName = datastore + d.File
		disk.Backing = backing
	} else {
		backing := &types.VirtualDiskRawDiskMappingVer1BackingInfo{CompatibilityMode: d.Raw, DiskMode: mode}
		backing.FileName = datastore + d.File
		disk.Backing = backing
	}
	if d.Volume != "" {
		disk.VDiskId = &types.ID{Id: d.Volume}
	}
	return disk
}

// serveMachines is the control endpoint of the fixtures: PUT replaces all by a JSON list.
func (f *front) serveMachines(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); !f.login.match(user, password) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		err = f.fixtures.set(text)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
