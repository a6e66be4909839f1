package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"google.golang.org/grpc/codes"

	"atom.example/lab/storage/internal/store"
)

// faultRule says what goes wrong with a call. The rules are in <data>/faults.json, a JSON list that is read at
// every call; a missing file is an empty list. Rules are tried in order; the first one that matches and has
// something left of its times is used. Writing the file anew starts all counts at 0.
type faultRule struct {
	// Method is a CSI call, e.g. CreateSnapshot; "*" is every call that has to do with a volume.
	Method string `json:"method"`
	// Claim narrows the rule to one claim, as namespace/name: of the volume, or of a snapshot's source. The
	// claim of a volume is known if csi-provisioner runs with --extra-create-metadata.
	Claim string `json:"claim,omitempty"`
	// Times is how often the rule applies; 0 is always.
	Times  int         `json:"times,omitempty"`
	Action faultAction `json:"action"`
}

type faultAction struct {
	// DelayMS holds the call back so long. The work is then done even if the caller gave up meanwhile.
	DelayMS int `json:"delayMs,omitempty"`
	// Refuse answers with an error and does nothing.
	Refuse *faultError `json:"refuse,omitempty"`
	// Hang answers nothing, and does nothing, until the caller gives up.
	Hang bool `json:"hang,omitempty"`
	// ReadyAfterMS answers a cut with "not ready" until so much time has passed.
	ReadyAfterMS int `json:"readyAfterMs,omitempty"`
	// FailLate answers a cut with "not ready" and later with an error, for good.
	FailLate *lateError `json:"failLate,omitempty"`
	// Corrupt lies: the copy is said to be there, but one byte of it is wrong.
	Corrupt bool `json:"corrupt,omitempty"`
	// LoseAfter lies: the snapshot is said to be there, and nothing is kept.
	LoseAfter bool `json:"loseAfter,omitempty"`
	// SiteDown makes a volume without a copy at this site, as if its nodes were silent.
	SiteDown string `json:"siteDown,omitempty"`
	// DropReply does the work and answers Unavailable, as a connection cut at the wrong moment does.
	DropReply bool `json:"dropReply,omitempty"`
}

type faultError struct {
	// Code is a gRPC status by name, e.g. ResourceExhausted.
	Code    string `json:"code"`
	Message string `json:"message"`
}

type lateError struct {
	AfterMS int    `json:"afterMs"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// cuts and copies are the calls that make a copy; only for these a lie about the copy means something.
var (
	cuts   = []string{"CreateSnapshot", "CreateVolumeGroupSnapshot"}
	copies = append([]string{"CreateVolume"}, cuts...)
	calls  = append([]string{
		"*", "DeleteVolume", "ControllerPublishVolume", "ControllerUnpublishVolume", "ControllerExpandVolume",
		"DeleteSnapshot", "ListSnapshots", "DeleteVolumeGroupSnapshot", "GetVolumeGroupSnapshot",
		"ValidateVolumeCapabilities", "GetCapacity", "ListVolumes",
	}, copies...)
)

func (r faultRule) check() error {
	a := r.Action
	if !slices.Contains(calls, r.Method) {
		return fmt.Errorf("method %q is none of %s", r.Method, strings.Join(calls, ", "))
	}
	if r.Claim != "" && strings.Count(r.Claim, "/") != 1 {
		return fmt.Errorf("claim %q is not namespace/name", r.Claim)
	}
	if r.Times < 0 || a.DelayMS < 0 || a.ReadyAfterMS < 0 {
		return errors.New("times, delayMs and readyAfterMs cannot be negative")
	}
	if (a.ReadyAfterMS > 0 || a.FailLate != nil || a.LoseAfter) && !slices.Contains(cuts, r.Method) {
		return fmt.Errorf("readyAfterMs, failLate and loseAfter are for %s", strings.Join(cuts, " and "))
	}
	if a.Corrupt && !slices.Contains(copies, r.Method) {
		return fmt.Errorf("corrupt is for %s", strings.Join(copies, ", "))
	}
	if a.SiteDown != "" && r.Method != "CreateVolume" {
		return errors.New("siteDown is for CreateVolume")
	}
	if a == (faultAction{}) {
		return errors.New("action says nothing")
	}
	if a.Refuse != nil {
		if _, err := codeNamed(a.Refuse.Code); err != nil {
			return err
		}
	}
	if a.FailLate != nil {
		if _, err := codeNamed(a.FailLate.Code); err != nil {
			return err
		}
	}
	return nil
}

// codeNamed finds a gRPC status code by its name, written ResourceExhausted or RESOURCE_EXHAUSTED.
func codeNamed(name string) (codes.Code, error) {
	plain := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for code := codes.Canceled; code <= codes.Unauthenticated; code++ {
		if strings.ToLower(code.String()) == plain {
			return code, nil
		}
	}
	return 0, fmt.Errorf("code %q is no gRPC status", name)
}

// faultBook reads the rules and keeps how often each was used, over calls and restarts.
type faultBook struct {
	mu   sync.Mutex
	path string
	used string
}

type faultUse struct {
	// File tells one writing of faults.json from the next.
	File string `json:"file"`
	Used []int  `json:"used"`
}

func newFaultBook(dir string) *faultBook {
	return &faultBook{path: filepath.Join(dir, "faults.json"), used: filepath.Join(dir, "faults-used.json")}
}

// take gives what is to go wrong with this call, and counts it. claims is asked only if a rule needs it.
func (b *faultBook) take(method string, claims func() []store.Claim) (faultAction, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rules, file, err := b.read()
	if err != nil || len(rules) == 0 {
		return faultAction{}, err
	}
	use, err := b.readUse(file, len(rules))
	if err != nil {
		return faultAction{}, err
	}
	for i, rule := range rules {
		if (rule.Method != "*" && rule.Method != method) || (rule.Times > 0 && use.Used[i] >= rule.Times) {
			continue
		}
		about := claims()
		concerns := func(claim store.Claim) bool { return claim.String() == rule.Claim }
		if (rule.Method == "*" && len(about) == 0) || (rule.Claim != "" && !slices.ContainsFunc(about, concerns)) {
			continue
		}
		use.Used[i]++
		return rule.Action, store.WriteJSON(b.used, use)
	}
	return faultAction{}, nil
}

func (b *faultBook) read() ([]faultRule, string, error) {
	file, err := os.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, "", err
	}
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var rules []faultRule
	if err := decoder.Decode(&rules); err != nil {
		return nil, "", fmt.Errorf("%s: %w", b.path, err)
	}
	for i, rule := range rules {
		if err := rule.check(); err != nil {
			return nil, "", fmt.Errorf("%s: rule %d: %w", b.path, i, err)
		}
	}
	stamp := fmt.Sprintf("%d-%d-%d", info.Sys().(*syscall.Stat_t).Ino, info.ModTime().UnixNano(), info.Size())
	return rules, stamp, nil
}

func (b *faultBook) readUse(file string, count int) (faultUse, error) {
	fresh := faultUse{File: file, Used: make([]int, count)}
	text, err := os.ReadFile(b.used)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return fresh, err
	}
	var use faultUse
	if err := json.Unmarshal(text, &use); err != nil || use.File != file || len(use.Used) != count {
		return fresh, nil
	}
	return use, nil
}

// faultKey carries a call's action to the function that does the work.
type faultKey struct{}

func withFault(ctx context.Context, action faultAction) context.Context {
	return context.WithValue(ctx, faultKey{}, action)
}

func faultOf(ctx context.Context) faultAction {
	action, _ := ctx.Value(faultKey{}).(faultAction)
	return action
}
