package main

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/pbm/methods"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// routes are the paths of a vCenter that clients of the lab use, and the lab's own under /lab/.
func (f *front) routes(instance string) http.Handler {
	f.service.RegisterSDK(simulator.Map)
	for _, path := range []string{"/pbm", pbm.Path} {
		f.service.RegisterSDK(newPBM(path))
	}
	rest := &restSessions{login: f.login, known: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+vim25.Path, f.soap)
	mux.HandleFunc("POST "+pbm.Path, f.soap)
	mux.HandleFunc("POST /pbm", f.soap)
	mux.HandleFunc("GET /sdk/vimServiceVersions.xml", f.service.ServiceVersions)
	mux.HandleFunc("/rest/com/vmware/cis/session", rest.serve)
	mux.HandleFunc("GET /lab/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"instanceUuid": instance, "machines": len(f.machines)})
	})
	mux.HandleFunc("/lab/faults", f.serveFaults)
	mux.HandleFunc("PUT /lab/machines", f.serveMachines)
	return mux
}

// serveFaults is the control endpoint of the fault rules: GET lists them, PUT replaces them by a JSON list.
func (f *front) serveFaults(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); !f.login.match(user, password) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodPut {
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err == nil {
			err = f.rules.set(text)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	text, err := f.rules.list()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

// restSessions are the sessions of the REST interface, which the vSphere provider opens beside the SOAP one.
type restSessions struct {
	login credentials
	mu    sync.Mutex
	known map[string]bool
}

const restHeader = "vmware-api-session-id"

func (s *restSessions) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.Header.Get(restHeader)
	if cookie, err := r.Cookie(restHeader); err == nil && id == "" {
		id = cookie.Value
	}
	asks := r.Method == http.MethodGet || r.URL.Query().Get("~action") == "get"
	switch user, password, _ := r.BasicAuth(); {
	case asks && s.known[id]:
		writeJSON(w, map[string]any{"value": map[string]any{"user": s.login.user}})
	case r.Method == http.MethodPost && !asks && s.login.match(user, password):
		id = rand.Text()
		s.known[id] = true
		http.SetCookie(w, &http.Cookie{Name: restHeader, Value: id, Path: "/rest", HttpOnly: true, Secure: true})
		writeJSON(w, map[string]any{"value": id})
	case r.Method == http.MethodDelete && s.known[id]:
		delete(s.known, id)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// newPBM is the storage policy service as far as the vSphere provider asks for it at login.
func newPBM(path string) *simulator.Registry {
	r := simulator.NewRegistry()
	r.Namespace = pbm.Namespace
	r.Path = path
	r.Put(&pbmServiceInstance{pbm.ServiceInstance})
	return r
}

type pbmServiceInstance struct{ types.ManagedObjectReference }

// PbmRetrieveServiceContent is called by its name.
func (s *pbmServiceInstance) PbmRetrieveServiceContent(*pbmtypes.PbmRetrieveServiceContent) soap.HasFault {
	ref := func(kind, value string) types.ManagedObjectReference {
		return types.ManagedObjectReference{Type: kind, Value: value}
	}
	return &methods.PbmRetrieveServiceContentBody{
		Res: &pbmtypes.PbmRetrieveServiceContentResponse{
			Returnval: pbmtypes.PbmServiceInstanceContent{
				AboutInfo:                 pbmtypes.PbmAboutInfo{Name: "PBM", Version: "2.0", InstanceUuid: "atom-lab"},
				SessionManager:            ref("PbmSessionManager", "SessionManager"),
				CapabilityMetadataManager: ref("PbmCapabilityMetadataManager", "CapabilityMetadataManager"),
				ProfileManager:            ref("PbmProfileProfileManager", "ProfileManager"),
				ComplianceManager:         ref("PbmComplianceManager", "complianceManager"),
				PlacementSolver:           ref("PbmPlacementSolver", "placementSolver"),
			},
		},
	}
}
