package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"google.golang.org/protobuf/types/known/structpb"
)

// taskInterval is the time between two looks at a running task.
const taskInterval = 100 * time.Millisecond

// inputs are a snapshot's properties. `consolidate` is not among them: the published provider reads an explicit false
// as "not set", and consolidates always.
type inputs struct {
	virtualMachineUUID, name, description string
	memory, quiesce, removeChildren       bool
}

func inputsOf(properties *structpb.Struct) inputs {
	fields := properties.GetFields()
	return inputs{
		virtualMachineUUID: fields["virtualMachineUuid"].GetStringValue(),
		name:               fields["snapshotName"].GetStringValue(),
		description:        fields["description"].GetStringValue(),
		memory:             fields["memory"].GetBoolValue(),
		quiesce:            fields["quiesce"].GetBoolValue(),
		removeChildren:     fields["removeChildren"].GetBoolValue(),
	}
}

// vcenter is the connection of one provider. It logs in at the first call.
type vcenter struct {
	server, user, password string
	insecure               bool
	// timeout limits one call together with its task.
	timeout time.Duration

	mutex  sync.Mutex
	client *vim25.Client
}

// configure takes the provider's inputs, all of them text; the password is in none of the errors.
func (v *vcenter) configure(variables map[string]string) error {
	get := func(name string) string { return variables["vsphere:config:"+name] }
	v.server, v.user, v.password = get("vsphereServer"), get("user"), get("password")
	v.timeout = 5 * time.Minute
	if text := get("apiTimeout"); text != "" {
		minutes, err := strconv.ParseFloat(text, 64)
		if err != nil || minutes <= 0 {
			return fmt.Errorf("apiTimeout is %q; it is a number of minutes above 0", text)
		}
		v.timeout = time.Duration(minutes * float64(time.Minute))
	}
	if text := get("allowUnverifiedSsl"); text != "" {
		insecure, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("allowUnverifiedSsl is %q; allowed: true, false", text)
		}
		v.insecure = insecure
	}
	return nil
}

func (v *vcenter) connect(ctx context.Context) (*vim25.Client, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.client != nil {
		return v.client, nil
	}
	transport := soap.NewClient(&url.URL{Scheme: "https", Host: v.server, Path: "/sdk"}, v.insecure)
	client, err := vim25.NewClient(ctx, transport)
	if err != nil {
		return nil, fmt.Errorf("error setting up client for %s: %w", v.server, err)
	}
	// The session may lapse in a long run of other resources; it is kept alive until the plugin ends.
	client.RoundTripper = session.KeepAlive(client.RoundTripper, 10*time.Minute)
	if err := session.NewManager(client).Login(ctx, url.UserPassword(v.user, v.password)); err != nil {
		return nil, fmt.Errorf("error logging in to %s as %s: %w", v.server, v.user, err)
	}
	v.client = client
	return client, nil
}

// with hands the virtual machine of that BIOS UUID to `work`. The engine's own context is not used: a call that is
// given up goes on in vCenter, and leaves a snapshot that is in no state.
func (v *vcenter) with(uuid string, work func(context.Context, *object.VirtualMachine) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), v.timeout)
	defer cancel()
	client, err := v.connect(ctx)
	if err != nil {
		return err
	}
	found, err := object.NewSearchIndex(client).FindByUuid(ctx, nil, uuid, true, nil)
	if err != nil {
		return fmt.Errorf("error while getting the virtual machine: %w", err)
	}
	machine, is := found.(*object.VirtualMachine)
	if !is {
		return fmt.Errorf("error while getting the virtual machine: virtual machine with UUID %q not found", uuid)
	}
	return work(ctx, machine)
}

// create takes a snapshot and returns its managed object reference.
func (v *vcenter) create(in inputs) (id string, err error) {
	err = v.with(in.virtualMachineUUID, func(ctx context.Context, machine *object.VirtualMachine) error {
		task, err := machine.CreateSnapshot(ctx, in.name, in.description, in.memory, in.quiesce)
		if err != nil {
			return fmt.Errorf("error while creating the snapshot: %w", err)
		}
		result, err := await(ctx, task)
		if err != nil {
			return fmt.Errorf("error while waiting for the create snapshot task: %w", err)
		}
		snapshot, is := result.(types.ManagedObjectReference)
		if !is {
			return errors.New("error while creating the snapshot: the task's result names no snapshot")
		}
		id = snapshot.Value
		return nil
	})
	return id, err
}

// exists is an error, and not false, for a snapshot that is gone while the machine has others. The published provider
// behaves so: it looks for the reference, and takes only "not found" of the name for gone.
func (v *vcenter) exists(id string, in inputs) (there bool, err error) {
	err = v.with(in.virtualMachineUUID, func(ctx context.Context, machine *object.VirtualMachine) error {
		_, err := machine.FindSnapshot(ctx, id)
		if err != nil && strings.EqualFold(err.Error(), "no snapshots for this VM") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("error while finding the snapshot: %w", err)
		}
		there = true
		return nil
	})
	return there, err
}

// remove is an error for a snapshot that is gone already, as with the published provider.
func (v *vcenter) remove(id string, in inputs) error {
	return v.with(in.virtualMachineUUID, func(ctx context.Context, machine *object.VirtualMachine) error {
		consolidate := true
		task, err := machine.RemoveSnapshot(ctx, id, in.removeChildren, &consolidate)
		if err != nil {
			return fmt.Errorf("error while creating the delete snapshot task: %w", err)
		}
		if _, err := await(ctx, task); err != nil {
			return fmt.Errorf("error while waiting for the delete snapshot task: %w", err)
		}
		return nil
	})
}

// await gives the result of a task. It asks for the state: the simulator cannot tell changes, which govmomi waits for.
func await(ctx context.Context, task *object.Task) (types.AnyType, error) {
	for {
		var seen mo.Task
		if err := task.Properties(ctx, task.Reference(), []string{"info"}, &seen); err != nil {
			return nil, err
		}
		switch seen.Info.State {
		case types.TaskInfoStateSuccess:
			return seen.Info.Result, nil
		case types.TaskInfoStateError:
			return nil, errors.New(seen.Info.Error.LocalizedMessage)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(taskInterval):
		}
	}
}
