// Package plugin lets a program be a plugin of the engine.
package plugin

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"google.golang.org/grpc"
)

// engineCheck is how often a plugin looks whether the engine that started it still lives.
const engineCheck = 10 * time.Second

// Main serves what `register` adds to the server, until a signal comes or the engine is gone; `ctx` ends then. The
// engine is the one whose address is the last argument.
func Main(register func(ctx context.Context, engine string, server *grpc.Server)) {
	if err := serve(register); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(register func(context.Context, string, *grpc.Server)) error {
	if len(os.Args) < 2 {
		return fmt.Errorf("%s is started by pulumi and needs the engine's address", os.Args[0])
	}
	engine := os.Args[len(os.Args)-1]
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := rpcutil.Healthcheck(ctx, engine, engineCheck, cancel); err != nil {
		return err
	}
	ended := make(chan bool)
	context.AfterFunc(ctx, func() { close(ended) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: ended,
		Init: func(server *grpc.Server) error {
			register(ctx, engine, server)
			return nil
		},
	})
	if err != nil {
		return err
	}
	// The engine reads the port from the first line.
	fmt.Println(handle.Port)
	return <-handle.Done
}
