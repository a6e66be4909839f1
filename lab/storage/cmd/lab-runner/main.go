// Command lab-runner runs the pods of Jobs in the lab, where no kubelet does: the very commands of their
// containers, on the real bytes of their volumes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	core "k8s.io/client-go/kubernetes/typed/core/v1"
	storage "k8s.io/client-go/kubernetes/typed/storage/v1"
	"k8s.io/client-go/tools/clientcmd"

	"atom.example/lab/storage/internal/health"
	"atom.example/lab/storage/internal/runner"
	"atom.example/lab/storage/internal/store"
)

type options struct{ kubeconfig, data, hosts, path, listen string }

func main() {
	if len(os.Args) == 2 && os.Args[1] == runner.InsideCommand {
		runner.Inside()
	}
	log.SetFlags(log.LstdFlags | log.LUTC)
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of the lab's cluster")
	flag.StringVar(&o.data, "data", "", "data folder of lab-csi")
	flag.StringVar(&o.hosts, "hosts", "", "folder with one folder per node, which stands for its file system")
	flag.StringVar(&o.path, "path", "", "folder of programs that comes first in the containers' PATH")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to serve /health on; loopback only")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	if o.kubeconfig == "" || o.data == "" || o.hosts == "" || o.path == "" {
		return errors.New("-kubeconfig, -data, -hosts and -path are needed")
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	keep, err := store.Open(o.data)
	if err != nil {
		return err
	}
	web, err := health.Listen(o.listen)
	if err != nil {
		return err
	}
	hosts, err := filepath.Abs(o.hosts)
	if err != nil {
		return err
	}
	tools, err := filepath.Abs(o.path)
	if err != nil {
		return err
	}
	beside := filepath.Dir(keep.Dir)
	work := filepath.Join(beside, "runner")
	own, err := ownSoon(work)
	if err != nil {
		return err
	}
	defer own.Close()
	// One client stands for all nodes: the limit for a single one would only slow it down.
	config.QPS = -1
	pods, err := core.NewForConfig(config)
	if err != nil {
		return err
	}
	attachments, err := storage.NewForConfig(config)
	if err != nil {
		return err
	}
	r, err := runner.New(pods, attachments, runner.Options{
		Store: keep, Hosts: hosts, Tools: tools, Work: work, Logs: filepath.Join(beside, "logs", "runner"),
	})
	if err != nil {
		return err
	}
	go func() { log.Fatal(http.Serve(web, health.Handler(r.Ready))) }()
	log.Printf("running the pods of Jobs, health on http://%s/health", web.Addr())
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	r.Run(stop)
	return nil
}

// ownSoon takes the work folder for one runner alone, until the process ends; an earlier run that is just
// ending gets a little time.
func ownSoon(work string) (*os.File, error) {
	if err := os.MkdirAll(work, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(work, "runner.lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(5 * time.Second)
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if time.Now().After(end) {
			file.Close()
			return nil, fmt.Errorf("another runner holds %s: %w", path, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
