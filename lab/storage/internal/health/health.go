// Package health answers the lab's question whether a program is up.
package health

import (
	"fmt"
	"net"
	"net/http"
)

// Listen takes a loopback address and refuses any that another machine could reach.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("-listen %s: only a loopback address is allowed", address)
	}
	return net.Listen("tcp", address)
}

// Handler answers /health with 200 and "ok", or with 503 and what is wrong.
func Handler(wrong func() error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if err := wrong(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}
