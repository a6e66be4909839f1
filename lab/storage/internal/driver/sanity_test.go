package driver

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"github.com/kubernetes-csi/csi-test/v5/pkg/sanity"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"google.golang.org/grpc"

	"atom.example/lab/storage/internal/store"
)

// nodeStub is what the suite asks of a node while it tests the controller: its name and site. The driver itself
// has no node service.
type nodeStub struct {
	csi.UnimplementedNodeServer
	node store.Node
}

func (n nodeStub) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{
		NodeId:             n.node.Name,
		AccessibleTopology: &csi.Topology{Segments: map[string]string{SiteKey: n.node.Site}},
	}, nil
}

func (nodeStub) NodeGetCapabilities(
	context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (nodeStub) NodeUnpublishVolume(
	context.Context, *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

// slowListener takes a connection a little late. The suite waits for a change to "ready" and would wait a
// minute for it, in vain, if the connection were ready before it looks.
type slowListener struct{ net.Listener }

func (l slowListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	time.Sleep(200 * time.Millisecond)
	return connection, err
}

// TestSanity runs the suite of the CSI project over identity, controller and group controller.
func TestSanity(t *testing.T) {
	d, _ := newTestDriver(t)
	socket := filepath.Join(t.TempDir(), "csi.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(d.Intercept))
	d.Register(server)
	csi.RegisterNodeServer(server, nodeStub{node: testNodes[0]})
	go server.Serve(slowListener{listener})
	t.Cleanup(server.Stop)

	config := sanity.NewTestConfig()
	config.Address = "unix://" + socket
	config.TargetPath = filepath.Join(t.TempDir(), "target")
	config.StagingPath = filepath.Join(t.TempDir(), "staging")
	config.TestVolumeParameters = map[string]string{replicasKey: "2", spreadKey: SiteKey, maxPerDomainKey: "1"}
	sanity.GinkgoTest(&config)
	gomega.RegisterFailHandler(ginkgo.Fail)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.SkipStrings = []string{"Node Service"}
	reporter.NoColor = true
	if !ginkgo.RunSpecs(t, "csi-sanity: identity, controller, group controller", suite, reporter) {
		t.Fatal("csi-sanity found something")
	}
}
