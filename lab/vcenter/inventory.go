package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// inventory is what the simulator is filled with. Everything is made in the order of the file, so that the
// same file gives the same object references at every start.
type inventory struct {
	InstanceUUID string    `json:"instanceUuid"`
	Datacenter   string    `json:"datacenter"`
	Machines     []machine `json:"machines"`
}

type machine struct {
	Name         string `json:"name"`
	UUID         string `json:"uuid"`
	InstanceUUID string `json:"instanceUuid"`
	Site         string `json:"site"`
	Host         string `json:"host"`
}

func readInventory(file string) (*inventory, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var inv inventory
	if err := json.Unmarshal(text, &inv); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if inv.InstanceUUID == "" || inv.Datacenter == "" || len(inv.Machines) == 0 {
		return nil, fmt.Errorf("%s: instanceUuid, datacenter and machines are needed", file)
	}
	return &inv, nil
}

func (inv *inventory) names() []string {
	var names []string
	for _, m := range inv.Machines {
		names = append(names, m.Name)
	}
	return names
}

// site is what the machines of one site share: a cluster, its hosts and a datastore, so that the loss of a
// site, a host or a datastore takes what it would take in a real installation.
type site struct {
	cluster   *object.ClusterComputeResource
	pool      *object.ResourcePool
	datastore string
	folder    string
	images    string
	hosts     map[string]*object.HostSystem
}

// build fills a fresh simulator and returns it with its virtual machines by name, powered on.
func (inv *inventory) build(datastores string) (*simulator.Service, map[string]*simulator.VirtualMachine, error) {
	ctx := context.Background()
	content := vpx.ServiceContent
	content.About.InstanceUuid = inv.InstanceUUID
	service := simulator.New(simulator.NewServiceInstance(content, vpx.RootFolder))
	client, err := vim25.NewClient(ctx, service)
	if err != nil {
		return nil, nil, err
	}
	// The datastores carry no data, only the empty files that the simulator makes for a machine, and it
	// refuses to make a machine whose files are there already.
	if err := os.RemoveAll(datastores); err != nil {
		return nil, nil, err
	}
	dc, err := object.NewRootFolder(client).CreateDatacenter(ctx, inv.Datacenter)
	if err != nil {
		return nil, nil, err
	}
	folders, err := dc.Folders(ctx)
	if err != nil {
		return nil, nil, err
	}
	sites := map[string]*site{}
	machines := map[string]*simulator.VirtualMachine{}
	for _, m := range inv.Machines {
		s := sites[m.Site]
		if s == nil {
			if s, err = newSite(ctx, folders, m.Site, datastores); err != nil {
				return nil, nil, err
			}
			sites[m.Site] = s
		}
		vm, err := s.add(ctx, folders, m)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		machines[m.Name] = vm
	}
	return service, machines, nil
}

func newSite(ctx context.Context, folders *object.DatacenterFolders, name, datastores string) (*site, error) {
	s := &site{
		datastore: "datastore-" + name,
		folder:    filepath.Join(datastores, name),
		images:    filepath.Join(datastores, imageStore),
		hosts:     map[string]*object.HostSystem{},
	}
	for _, folder := range []string{s.folder, s.images} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	cluster, err := folders.HostFolder.CreateCluster(ctx, "site-"+name, types.ClusterConfigSpecEx{})
	if err != nil {
		return nil, err
	}
	s.cluster = cluster
	s.pool, err = cluster.ResourcePool(ctx)
	return s, err
}

func (s *site) host(ctx context.Context, name string) (*object.HostSystem, error) {
	if host := s.hosts[name]; host != nil {
		return host, nil
	}
	task, err := s.cluster.AddHost(ctx, types.HostConnectSpec{HostName: name}, true, nil, nil)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return nil, err
	}
	host := object.NewHostSystem(s.cluster.Client(), info.Result.(types.ManagedObjectReference))
	system, err := host.ConfigManager().DatastoreSystem(ctx)
	if err != nil {
		return nil, err
	}
	for _, store := range [][2]string{{s.datastore, s.folder}, {imageStore, s.images}} {
		if _, err := system.CreateLocalDatastore(ctx, store[0], store[1]); err != nil {
			return nil, err
		}
	}
	s.hosts[name] = host
	return host, nil
}

func (s *site) add(ctx context.Context, folders *object.DatacenterFolders, m machine) (*simulator.VirtualMachine, error) {
	host, err := s.host(ctx, m.Host)
	if err != nil {
		return nil, err
	}
	var devices object.VirtualDeviceList
	scsi, err := devices.CreateSCSIController("pvscsi")
	if err != nil {
		return nil, err
	}
	disk := devices.CreateDisk(scsi.(types.BaseVirtualController), types.ManagedObjectReference{},
		fmt.Sprintf("[%s] %s/disk1.vmdk", s.datastore, m.Name))
	disk.CapacityInKB = 1024
	spec := types.VirtualMachineConfigSpec{
		Name:         m.Name,
		Uuid:         m.UUID,
		InstanceUuid: m.InstanceUUID,
		GuestId:      string(types.VirtualMachineGuestOsIdentifierOtherLinux64Guest),
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[" + s.datastore + "]"},
	}
	devices = append(devices, scsi, disk)
	if spec.DeviceChange, err = devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd); err != nil {
		return nil, err
	}
	task, err := folders.VmFolder.CreateVM(ctx, spec, s.pool, host)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return nil, err
	}
	ref := info.Result.(types.ManagedObjectReference)
	if _, err := object.NewVirtualMachine(s.cluster.Client(), ref).PowerOn(ctx); err != nil {
		return nil, err
	}
	vm := simulator.Map.Get(ref).(*simulator.VirtualMachine)
	vm.Config.Hardware.Device = append(vm.Config.Hardware.Device, networkCard(m.UUID))
	vm.Guest.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
	vm.Guest.ToolsVersion = "12389"
	vm.Runtime.ConsolidationNeeded = types.NewBool(false)
	return vm, nil
}

// networkCard is put in afterwards, because the simulator asks for a network object that the lab does not have.
// Its address follows from the end of the machine's UUID.
func networkCard(uuid string) *types.VirtualVmxnet3 {
	end := uuid[len(uuid)-6:]
	card := &types.VirtualVmxnet3{}
	card.Key = 4000
	card.DeviceInfo = &types.Description{Label: "Network adapter 1", Summary: "VM Network"}
	backing := &types.VirtualEthernetCardNetworkBackingInfo{}
	backing.DeviceName = "VM Network"
	card.Backing = backing
	card.MacAddress = fmt.Sprintf("00:50:56:%s:%s:%s", end[0:2], end[2:4], end[4:6])
	return card
}

// sortedNames gives the machines in a fixed order.
func sortedNames(machines map[string]*simulator.VirtualMachine) []string {
	var names []string
	for name := range machines {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
