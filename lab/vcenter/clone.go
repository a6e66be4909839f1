package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// imageStore is a datastore of all hosts that no machine of the inventory lies on.
const imageStore = "datastore-images"

// whole does what the simulator does only in part. Its clone looks at no more of a specification than devices that are
// added, and neither it nor a change or removal of a machine bears network cards, as the lab has no network object.
func (f *front) whole(c *call, answer *httptest.ResponseRecorder) bool {
	vm, ok := simulator.Map.Get(c.This).(*simulator.VirtualMachine)
	if !ok {
		return false
	}
	var run func(*simulator.Task) (types.AnyType, types.BaseMethodFault)
	switch body := c.Body.(type) {
	case *types.CloneVM_Task:
		run = func(*simulator.Task) (types.AnyType, types.BaseMethodFault) { return f.clone(vm, body) }
	case *types.ReconfigVM_Task:
		run = func(*simulator.Task) (types.AnyType, types.BaseMethodFault) { return nil, reconfigure(vm, &body.Spec) }
	case *types.Destroy_Task:
		vm.Config.Hardware.Device, _ = withoutCards(vm.Config.Hardware.Device)
		return false
	default:
		return false
	}
	name := map[string]string{"CloneVM_Task": "clone", "ReconfigVM_Task": "reconfigure"}[c.Name]
	task := simulator.CreateTask(vm, name, run)
	vm.RecentTask = append(vm.RecentTask, task.Self)
	task.Run()
	if task.Info.Error != nil {
		task.Info.Error.LocalizedMessage = fmt.Sprintf("%s was refused: %+v", c.Name, task.Info.Error.Fault)
	}
	writeTask(answer, c.Name, task.Self)
	return true
}

// clone makes a machine as the specification says: where it lies and runs, without which disks, its annotation, and
// whether it is a template. Like vCenter's, it has a BIOS UUID and MAC addresses of its own.
func (f *front) clone(source *simulator.VirtualMachine, body *types.CloneVM_Task) (types.AnyType, types.BaseMethodFault) {
	ctx := context.Background()
	client, err := vim25.NewClient(ctx, f.service)
	if err != nil {
		return nil, &types.SystemError{Reason: err.Error()}
	}
	location := body.Spec.Location
	store, ok := simulator.Map.Get(referenceOr(location.Datastore, source.Datastore[0])).(*simulator.Datastore)
	if !ok {
		return nil, &types.InvalidArgument{InvalidProperty: "spec.location.datastore"}
	}
	// The simulator takes a folder whose name has a dot for a file.
	folder := fmt.Sprintf("[%s] %s/", store.Name, strings.ReplaceAll(body.Name, ".", "-"))
	spec := types.VirtualMachineConfigSpec{
		Name:     body.Name,
		GuestId:  source.Config.GuestId,
		NumCPUs:  source.Config.Hardware.NumCPU,
		MemoryMB: int64(source.Config.Hardware.MemoryMB),
		Files:    &types.VirtualMachineFileInfo{VmPathName: folder + "machine.vmx"},
	}
	removed := map[int32]bool{}
	for _, change := range location.DeviceChange {
		if one := change.GetVirtualDeviceConfigSpec(); one.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			removed[one.Device.GetVirtualDevice().Key] = true
		}
	}
	devices, cards := withoutCards(source.Config.Hardware.Device)
	for _, device := range devices {
		if change := added(device, folder); change != nil && !removed[device.GetVirtualDevice().Key] {
			spec.DeviceChange = append(spec.DeviceChange, change)
		}
	}
	pool := object.NewResourcePool(client, referenceOr(location.Pool, *source.ResourcePool))
	host := object.NewHostSystem(client, referenceOr(location.Host, *source.Runtime.Host))
	made, err := object.NewFolder(client, body.Folder).CreateVM(ctx, spec, pool, host)
	if err != nil {
		return nil, &types.SystemError{Reason: err.Error()}
	}
	// Its work ended before the call did.
	info := simulator.Map.Get(made.Reference()).(*simulator.Task).Info
	if info.Error != nil {
		return nil, info.Error.Fault
	}
	vm := simulator.Map.Get(info.Result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
	for _, card := range cards {
		one := *card
		one.MacAddress = fmt.Sprintf("00:50:56:8%x:%02x:%02x", rand.IntN(16), rand.IntN(256), rand.IntN(256))
		vm.Config.Hardware.Device = append(vm.Config.Hardware.Device, &one)
	}
	if body.Spec.Config != nil {
		vm.Config.Annotation = body.Spec.Config.Annotation
	}
	vm.Config.Template = body.Spec.Template
	vm.Runtime.ConsolidationNeeded = types.NewBool(false)
	return vm.Self, nil
}

// added makes a controller or a disk of the source one to be made; nil for what every machine has anyway.
func added(device types.BaseVirtualDevice, folder string) types.BaseVirtualDeviceConfigSpec {
	change := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd}
	switch d := device.(type) {
	case *types.ParaVirtualSCSIController:
		one := *d
		change.Device = &one
	case *types.VirtualDisk:
		one := *d
		one.Backing = &types.VirtualDiskFlatVer2BackingInfo{
			VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{
				FileName: fmt.Sprintf("%sdisk%d.vmdk", folder, d.Key),
			},
			DiskMode: string(types.VirtualDiskModePersistent),
		}
		change.Device = &one
		change.FileOperation = types.VirtualDeviceConfigSpecFileOperationCreate
	default:
		return nil
	}
	return change
}

// reconfigure changes a machine's BIOS UUID, annotation and network cards, and nothing else.
func reconfigure(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	for i, change := range spec.DeviceChange {
		one := change.GetVirtualDeviceConfigSpec()
		card, ok := one.Device.(types.BaseVirtualEthernetCard)
		there := object.VirtualDeviceList(vm.Config.Hardware.Device).FindByKey(one.Device.GetVirtualDevice().Key)
		live, isCard := there.(types.BaseVirtualEthernetCard)
		if one.Operation != types.VirtualDeviceConfigSpecOperationEdit || !ok || !isCard {
			return &types.InvalidDeviceSpec{DeviceIndex: int32(i)}
		}
		live.GetVirtualEthernetCard().MacAddress = card.GetVirtualEthernetCard().MacAddress
		live.GetVirtualEthernetCard().AddressType = card.GetVirtualEthernetCard().AddressType
	}
	if spec.Uuid != "" {
		vm.Config.Uuid, vm.Summary.Config.Uuid = spec.Uuid, spec.Uuid
	}
	if spec.Annotation != "" {
		vm.Config.Annotation = spec.Annotation
	}
	return nil
}

func withoutCards(devices []types.BaseVirtualDevice) (others []types.BaseVirtualDevice, cards []*types.VirtualVmxnet3) {
	for _, device := range devices {
		if card, ok := device.(*types.VirtualVmxnet3); ok {
			cards = append(cards, card)
		} else {
			others = append(others, device)
		}
	}
	return others, cards
}

func referenceOr(given *types.ManagedObjectReference, otherwise types.ManagedObjectReference) types.ManagedObjectReference {
	if given != nil {
		return *given
	}
	return otherwise
}
