// Command pulumi-resource-vsphere stands in for the published vSphere provider, which is not served as a Go module,
// where that is not installed. It has the one resource that this project declares, with the published behavior.
package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"atom.example/lab/engine/pulumi/internal/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	// version is that of the plugin that sdks/vsphere asks for.
	version = "4.18.0"

	snapshotType = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot"
)

func main() {
	plugin.Main(func(_ context.Context, _ string, server *grpc.Server) {
		rpc.RegisterResourceProviderServer(server, &provider{})
	})
}

// provider answers the engine. It takes no secrets: the engine unwraps them for it and marks what comes back.
type provider struct {
	rpc.UnimplementedResourceProviderServer
	vcenter vcenter
}

func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: version}, nil
}

func (p *provider) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	return &rpc.GetSchemaResponse{Schema: `{"name":"vsphere","version":"` + version + `"}`}, nil
}

// Cancel lets running calls end: a snapshot whose call was given up would stay behind outside the state.
func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *provider) CheckConfig(_ context.Context, request *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	return check(request.GetNews(), "user", "password", "vsphereServer"), nil
}

// DiffConfig tells a change of the connection, which is an update of the provider and replaces nothing.
func (p *provider) DiffConfig(_ context.Context, request *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return difference(request.GetOlds(), request.GetNews(), false), nil
}

func (p *provider) Configure(_ context.Context, request *rpc.ConfigureRequest) (*rpc.ConfigureResponse, error) {
	if err := p.vcenter.configure(request.GetVariables()); err != nil {
		return nil, err
	}
	return &rpc.ConfigureResponse{SupportsPreview: true}, nil
}

func (p *provider) Check(_ context.Context, request *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	if err := checkType(request.GetType()); err != nil {
		return nil, err
	}
	return check(request.GetNews(), "virtualMachineUuid", "snapshotName", "description", "memory", "quiesce"), nil
}

// Diff replaces on every change: vSphere has no update of a snapshot that the published provider would use.
func (p *provider) Diff(_ context.Context, request *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return difference(request.GetOlds(), request.GetNews(), true), nil
}

func (p *provider) Create(_ context.Context, request *rpc.CreateRequest) (*rpc.CreateResponse, error) {
	response := &rpc.CreateResponse{Properties: request.GetProperties()}
	if request.GetPreview() {
		return response, nil
	}
	id, err := p.vcenter.create(inputsOf(request.GetProperties()))
	if err != nil {
		return nil, err
	}
	response.Id = id
	return response, nil
}

// Read tells whether the snapshot exists; nothing else of it is read. An empty id says that it is gone.
func (p *provider) Read(_ context.Context, request *rpc.ReadRequest) (*rpc.ReadResponse, error) {
	exists, err := p.vcenter.exists(request.GetId(), inputsOf(request.GetProperties()))
	if err != nil || !exists {
		return &rpc.ReadResponse{}, err
	}
	return &rpc.ReadResponse{
		Id:         request.GetId(),
		Properties: request.GetProperties(),
		Inputs:     request.GetInputs(),
	}, nil
}

func (p *provider) Delete(_ context.Context, request *rpc.DeleteRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, p.vcenter.remove(request.GetId(), inputsOf(request.GetProperties()))
}

func checkType(token string) error {
	if token != snapshotType {
		return fmt.Errorf("the lab's vSphere plugin has no %s; it has %s", token, snapshotType)
	}
	return nil
}

func check(news *structpb.Struct, required ...string) *rpc.CheckResponse {
	response := &rpc.CheckResponse{Inputs: news}
	for _, name := range required {
		if _, given := news.GetFields()[name]; !given {
			reason := "Missing required property '" + name + "'"
			response.Failures = append(response.Failures, &rpc.CheckFailure{Property: name, Reason: reason})
		}
	}
	return response
}

// difference names each input that was added, removed or changed.
func difference(olds, news *structpb.Struct, replace bool) *rpc.DiffResponse {
	names := slices.Collect(maps.Keys(news.GetFields()))
	for name := range olds.GetFields() {
		if _, has := news.GetFields()[name]; !has {
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return isBookkeeping(name) || proto.Equal(olds.GetFields()[name], news.GetFields()[name])
	})
	slices.Sort(names)
	response := &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_NONE, Diffs: names}
	if len(names) > 0 {
		response.Changes = rpc.DiffResponse_DIFF_SOME
	}
	if replace {
		response.Replaces = names
	}
	return response
}

// isBookkeeping tells what the engine, or the published provider in a state of its own, keeps beside the inputs.
func isBookkeeping(name string) bool {
	return name == "version" || name == "id" || strings.HasPrefix(name, "__")
}
