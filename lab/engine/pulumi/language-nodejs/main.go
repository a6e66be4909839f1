// Command pulumi-language-nodejs lets the engine run a Node program. The published host is not served as a module; of
// its protocol this one has what a deployment needs: it starts the SDK's own runner, and looks after it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"atom.example/lab/engine/pulumi/internal/plugin"
	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	// runner is the SDK's module that runs a program, below node_modules.
	runner = "@pulumi/pulumi/cmd/run/index.js"
	// policyRunner is the one that runs a policy pack.
	policyRunner = "@pulumi/pulumi/cmd/run-policy-pack/index.js"
	// alreadyReported is the runner's exit code after it told the engine why the program failed.
	alreadyReported = 32
	// stopGrace is what a program gets between SIGTERM and SIGKILL.
	stopGrace = 5 * time.Second
)

func main() {
	plugin.Main(func(ctx context.Context, engine string, server *grpc.Server) {
		rpc.RegisterLanguageRuntimeServer(server, newHost(ctx, engine))
	})
}

type host struct {
	rpc.UnimplementedLanguageRuntimeServer
	engine string
	// ctx ends with the host or at a cancellation; the program is stopped then.
	ctx    context.Context
	cancel context.CancelFunc
}

func newHost(ctx context.Context, engine string) *host {
	ctx, cancel := context.WithCancel(ctx)
	return &host{engine: engine, ctx: ctx, cancel: cancel}
}

func (h *host) Handshake(context.Context, *rpc.LanguageHandshakeRequest) (*rpc.LanguageHandshakeResponse, error) {
	return &rpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: version.Version}, nil
}

// GetRequiredPackages names none: the engine asks for each plugin when the program's first resource needs it.
func (h *host) GetRequiredPackages(
	context.Context, *rpc.GetRequiredPackagesRequest,
) (*rpc.GetRequiredPackagesResponse, error) {
	return &rpc.GetRequiredPackagesResponse{}, nil
}

func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// Run runs the program to its end. What it writes goes to the host's own stdout and stderr, which the engine reads.
func (h *host) Run(ctx context.Context, request *rpc.RunRequest) (*rpc.RunResponse, error) {
	command, err := h.command(ctx, request)
	if err != nil {
		return nil, err
	}
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &rpc.RunResponse{}, nil
	case errors.As(err, &exit) && exit.ExitCode() == alreadyReported:
		return &rpc.RunResponse{Bail: true}, nil
	case errors.As(err, &exit) && exit.Exited():
		return &rpc.RunResponse{Error: fmt.Sprintf("The program ended with exit code %d.", exit.ExitCode())}, nil
	default:
		return &rpc.RunResponse{Error: fmt.Sprintf("The program did not run to its end: %v.", err)}, nil
	}
}

// RunPlugin runs a policy pack until the engine ends it. The stack's configuration comes by a call to the pack, which
// reads it from its environment: a proxy of the SDK answers that call before the pack starts.
func (h *host) RunPlugin(request *rpc.RunPluginRequest, stream rpc.LanguageRuntime_RunPluginServer) error {
	if request.GetKind() != "analyzer" {
		return status.Errorf(codes.Unimplemented, "the lab's Node host runs policy packs, and no plugin of kind %q", request.GetKind())
	}
	folder := request.GetInfo().GetProgramDirectory()
	script, err := findModule(folder, policyRunner)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	context.AfterFunc(h.ctx, cancel)
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	stack, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	config, err := json.Marshal(stack.GetConfig())
	if err != nil {
		return err
	}
	command := node(ctx, folder, append(append([]string{script}, request.GetArgs()...), folder))
	command.Env = append(os.Environ(), append(request.GetEnv(), "PULUMI_CONFIG="+string(config),
		"PULUMI_NODEJS_PROJECT="+stack.GetProject(), "PULUMI_NODEJS_STACK="+stack.GetStack())...)
	command.Stdout, command.Stderr = stdout, stderr
	if err := command.Start(); err != nil {
		return err
	}
	return proxy.Attach(ctx, command)
}

// node is a run of Node that ends with the context.
func node(ctx context.Context, folder string, args []string) *exec.Cmd {
	command := exec.CommandContext(ctx, "node", args...)
	command.Dir = folder
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopGrace
	return command
}

func (h *host) command(ctx context.Context, request *rpc.RunRequest) (*exec.Cmd, error) {
	folder := request.GetInfo().GetProgramDirectory()
	script, err := findModule(folder, runner)
	if err != nil {
		return nil, err
	}
	environment, err := environmentOf(request)
	if err != nil {
		return nil, err
	}
	args := []string{
		script,
		"--monitor", request.GetMonitorAddress(), "--engine", h.engine,
		"--organization", request.GetOrganization(), "--project", request.GetProject(), "--stack", request.GetStack(),
		"--root-directory", request.GetInfo().GetRootDirectory(), "--pwd", request.GetPwd(),
		"--parallel", strconv.Itoa(int(request.GetParallel())),
	}
	if request.GetDryRun() {
		args = append(args, "--dry-run")
	}
	args = append(args, filepath.Join(folder, request.GetInfo().GetEntryPoint()))
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(h.ctx, cancel)
	command := node(ctx, folder, append(args, request.GetArgs()...))
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command, nil
}

// environmentOf hands the configuration and the options of Pulumi.yaml's runtime to the runner.
func environmentOf(request *rpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(request.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	typescript := true
	out := []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeys)}
	for name, value := range request.GetInfo().GetOptions().AsMap() {
		switch option := value.(type) {
		case bool:
			if name == "typescript" {
				typescript = option
				continue
			}
		case string:
			if name == "tsconfig" {
				out = append(out, "PULUMI_NODEJS_TSCONFIG_PATH="+option)
				continue
			}
		}
		return nil, fmt.Errorf(
			"runtime option %s is %v; the lab's Node host knows typescript (true, false) and tsconfig (a path)", name, value)
	}
	return append(out, "PULUMI_NODEJS_TYPESCRIPT="+strconv.FormatBool(typescript)), nil
}

// findModule looks for one of the SDK's where Node would look for it.
func findModule(folder, module string) (string, error) {
	for at := folder; ; at = filepath.Dir(at) {
		script := filepath.Join(at, "node_modules", module)
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s has no node_modules/@pulumi/pulumi; install its packages", folder)
		}
	}
}
