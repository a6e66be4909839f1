package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// faultRule says what goes wrong with a call. Rules are tried in order; the first that matches and has
// something left of its count is used.
type faultRule struct {
	// Method is the SOAP name, e.g. CreateSnapshot_Task; "*" is every method.
	Method string `json:"method"`
	// VM narrows the rule to one machine by name; for a call on a snapshot that is the snapshot's machine.
	VM string `json:"vm,omitempty"`
	// Skip lets so many calls pass first.
	Skip int `json:"skip,omitempty"`
	// Count is how often the rule applies; 0 is always.
	Count int `json:"count,omitempty"`
	// DelayMS holds the call back for so many milliseconds before anything else.
	DelayMS int `json:"delayMs,omitempty"`
	// TaskMS lets a task that was done go on running for so many milliseconds, as one on a large disk would.
	TaskMS int `json:"taskMs,omitempty"`
	// Drop cuts the connection: "before" the work is done, or "after" it, so that only the answer is lost.
	Drop string `json:"drop,omitempty"`
	// Fault is the vSphere type to answer with, e.g. TaskInProgress. A *_Task method answers with a task that
	// failed, unless Stage is "call".
	Fault   string `json:"fault,omitempty"`
	Message string `json:"message,omitempty"`
	Stage   string `json:"stage,omitempty"`
	// Deny lists privileges that HasPrivilegeOnEntities then reports as not granted.
	Deny []string `json:"deny,omitempty"`
	// Used counts the calls that the rule has matched, skipped ones included.
	Used int `json:"used"`
}

func (r *faultRule) delay() time.Duration { return time.Duration(r.DelayMS) * time.Millisecond }

// onTask tells whether the fault comes in the result of a task rather than from the call itself.
func (r *faultRule) onTask(method string) bool {
	return r.Stage != "call" && strings.HasSuffix(method, "_Task")
}

func (r *faultRule) check(machines []string) error {
	if r.Method == "" {
		return fmt.Errorf("method is missing")
	}
	if r.VM != "" && !slices.Contains(machines, r.VM) {
		return fmt.Errorf("vm %q is none of %s", r.VM, strings.Join(machines, ", "))
	}
	if !slices.Contains([]string{"", "before", "after"}, r.Drop) {
		return fmt.Errorf("drop %q is neither before nor after", r.Drop)
	}
	if !slices.Contains([]string{"", "call", "task"}, r.Stage) {
		return fmt.Errorf("stage %q is neither call nor task", r.Stage)
	}
	if r.Skip < 0 || r.Count < 0 || r.DelayMS < 0 || r.TaskMS < 0 {
		return fmt.Errorf("skip, count, delayMs and taskMs cannot be negative")
	}
	if r.Fault != "" && newFault(r.Fault) == nil {
		return fmt.Errorf("fault %q is no vSphere fault type", r.Fault)
	}
	return nil
}

// newFault makes a fault of the named vSphere type, nil if there is none.
func newFault(name string) types.BaseMethodFault {
	kind, ok := types.TypeFunc()(name)
	if !ok || kind.Kind() != reflect.Struct {
		return nil
	}
	fault, ok := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !ok {
		return nil
	}
	return fault
}

type faultRules struct {
	mu       sync.Mutex
	machines []string
	rules    []*faultRule
}

func newFaultRules(file string, machines []string) (*faultRules, error) {
	f := &faultRules{machines: machines}
	if file == "" {
		return f, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := f.set(text); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

// set replaces all rules by those of a JSON list; nothing changes if one of them is wrong.
func (f *faultRules) set(text []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var rules []*faultRule
	if err := decoder.Decode(&rules); err != nil {
		return err
	}
	for i, rule := range rules {
		if err := rule.check(f.machines); err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
		rule.Used = 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = rules
	return nil
}

func (f *faultRules) list() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rules == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(f.rules)
}

// take gives the rule for this call, or an empty one.
func (f *faultRules) take(method, vm string) faultRule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if (rule.Method != "*" && rule.Method != method) || (rule.VM != "" && rule.VM != vm) {
			continue
		}
		if rule.Count > 0 && rule.Used >= rule.Skip+rule.Count {
			continue
		}
		rule.Used++
		if rule.Used > rule.Skip {
			return *rule
		}
	}
	return faultRule{}
}
