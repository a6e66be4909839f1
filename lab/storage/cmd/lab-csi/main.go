// Command lab-csi is the lab's CSI driver: every volume is a directory of real bytes per replica, on the nodes
// that the class and the topology ask for. What it keeps is described in package store, what a test may make it
// do wrong in package driver.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"atom.example/lab/storage/internal/driver"
	"atom.example/lab/storage/internal/health"
	"atom.example/lab/storage/internal/store"
)

type options struct{ data, endpoint, inventory, listen string }

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	var o options
	flag.StringVar(&o.data, "data", "", "folder of the volumes and snapshots")
	flag.StringVar(&o.endpoint, "endpoint", "", "unix:///path of the socket to serve CSI on")
	flag.StringVar(&o.inventory, "inventory", "", "JSON file with the storage nodes: [{\"name\", \"site\"}]")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to serve /health on; loopback only")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	if o.data == "" || o.endpoint == "" || o.inventory == "" {
		return errors.New("-data, -endpoint and -inventory are needed")
	}
	socket, isUnix := strings.CutPrefix(o.endpoint, "unix://")
	if !isUnix || socket == "" {
		return fmt.Errorf("-endpoint %s: allowed is unix:///path", o.endpoint)
	}
	nodes, err := readInventory(o.inventory)
	if err != nil {
		return err
	}
	web, err := health.Listen(o.listen)
	if err != nil {
		return err
	}
	keep, err := store.Open(o.data)
	if err != nil {
		return err
	}
	own, err := ownSoon(keep)
	if err != nil {
		return err
	}
	defer own.Unlock()
	done, err := keep.Recover()
	for _, line := range done {
		log.Print(line)
	}
	if err != nil {
		return fmt.Errorf("what an earlier run left cannot be put right: %w", err)
	}
	return serve(driver.New(keep, nodes), socket, web, len(nodes))
}

func serve(d *driver.Driver, socket string, web net.Listener, nodes int) error {
	// The socket of a run that was killed is still there; the folder is ours, so nobody serves on it.
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(d.Intercept))
	d.Register(server)
	ended := make(chan error, 2)
	go func() { ended <- server.Serve(listener) }()
	go func() { ended <- http.Serve(web, health.Handler(func() error { return nil })) }()
	log.Printf("serving %s for %d storage nodes on %s, health on http://%s/health", driver.Name, nodes, socket, web.Addr())

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	select {
	case err := <-ended:
		return err
	case <-stop.Done():
		// A call that a test made hang must not hold the end back.
		abrupt := time.AfterFunc(2*time.Second, server.Stop)
		defer abrupt.Stop()
		server.GracefulStop()
		return nil
	}
}

// ownSoon waits a little for an earlier run that is just ending.
func ownSoon(keep *store.Store) (*store.Lock, error) {
	end := time.Now().Add(5 * time.Second)
	for {
		own, err := keep.Own()
		if !errors.Is(err, store.ErrInUse) || time.Now().After(end) {
			return own, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func readInventory(path string) ([]store.Node, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var nodes []store.Node
	if err := json.Unmarshal(text, &nodes); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	seen := map[string]bool{}
	for i, node := range nodes {
		if node.Name == "" || node.Site == "" || strings.Contains(node.Name, "/") || seen[node.Name] {
			return nil, fmt.Errorf("%s: node %d (%q, site %q) needs a name of its own and a site", path, i, node.Name, node.Site)
		}
		seen[node.Name] = true
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("%s names no node", path)
	}
	return nodes, nil
}
