// Command vcenter is the lab's vCenter: govmomi's simulator with a fixed inventory, a snapshot tree that
// survives SIGKILL, a password check, the services that the vSphere provider asks for, and fault rules.
//
// The password comes in the environment variable ATOM_LAB_VCENTER_PASSWORD or in a file, never as an
// argument, because arguments are visible to every user of the machine.
package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
)

const passwordVariable = "ATOM_LAB_VCENTER_PASSWORD"

type options struct {
	listen       string
	data         string
	inventory    string
	user         string
	passwordFile string
	faults       string
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to serve on; loopback only")
	flag.StringVar(&o.data, "data", "", "folder of the journal and the certificate")
	flag.StringVar(&o.inventory, "inventory", "", "JSON file with the virtual machines")
	flag.StringVar(&o.user, "user", "administrator@vsphere.local", "user that may log in")
	flag.StringVar(&o.passwordFile, "password-file", "", "file with the password; default: "+passwordVariable)
	flag.StringVar(&o.faults, "faults", "", "JSON file with fault rules to start with")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

func run(o options) error {
	if o.data == "" || o.inventory == "" {
		return errors.New("-data and -inventory are needed")
	}
	password, err := readPassword(o.passwordFile)
	if err != nil {
		return err
	}
	listener, err := listenLoopback(o.listen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return err
	}
	inv, err := readInventory(o.inventory)
	if err != nil {
		return err
	}
	service, machines, err := inv.build(filepath.Join(o.data, "datastores"))
	if err != nil {
		return fmt.Errorf("inventory %s: %w", o.inventory, err)
	}
	journal, err := openJournal(filepath.Join(o.data, "journal.jsonl"), machines)
	if err != nil {
		return err
	}
	rules, err := newFaultRules(o.faults, inv.names())
	if err != nil {
		return err
	}
	certificate, err := certificate(o.data)
	if err != nil {
		return err
	}

	host := listener.Addr().String()
	simulator.Map.SessionManager().ServiceHostName = host
	front := newFront(service, machines, journal, rules, credentials{o.user, password})
	server := &http.Server{
		Handler:           front.routes(inv.InstanceUUID),
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:          log.New(serverLog{}, "", 0),
	}
	log.Printf("serving %d virtual machines on https://%s/sdk", len(machines), host)
	return server.ServeTLS(listener, "", "")
}

// listenLoopback refuses any address that another machine could reach.
func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("-listen %s: only a loopback address is allowed", address)
	}
	return net.Listen("tcp", address)
}

func readPassword(file string) (string, error) {
	password := os.Getenv(passwordVariable)
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	if password == "" {
		return "", fmt.Errorf("no password: set %s or pass -password-file", passwordVariable)
	}
	return password, nil
}

// serverLog keeps what the server says of itself, a panic above all, but not the notes on clients that closed
// a connection early, as every health question does.
type serverLog struct{}

func (serverLog) Write(p []byte) (int, error) {
	if !strings.Contains(string(p), "TLS handshake error") {
		log.Print(strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}
