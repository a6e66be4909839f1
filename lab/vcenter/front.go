package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// maxDepth is vSphere's hard limit of a snapshot chain.
const maxDepth = 32

const maxRequest = 16 << 20

// front stands before the simulator: it checks the login, applies fault rules, adds what the simulator lacks,
// and journals what a call changed before the call is answered.
type front struct {
	// mu lets one call at a time into the simulator, whose own locking is not complete.
	mu       sync.Mutex
	service  *simulator.Service
	machines map[types.ManagedObjectReference]string
	journal  *journal
	rules    *faultRules
	fixtures *fixtures
	login    credentials
	sessions map[string]bool
}

func newFront(service *simulator.Service, machines map[string]*simulator.VirtualMachine, j *journal, rules *faultRules, login credentials) *front {
	f := &front{
		service:  service,
		machines: map[types.ManagedObjectReference]string{},
		journal:  j,
		rules:    rules,
		fixtures: newFixtures(machines, j),
		login:    login,
		sessions: map[string]bool{},
	}
	for name, vm := range machines {
		f.machines[vm.Self] = name
	}
	return f
}

// call is one SOAP request on its way through the front.
type call struct {
	*simulator.Method
	vm string
	r  *http.Request
	// body is what the request's own body was before it was read.
	body []byte
}

func (f *front) soap(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	method, err := simulator.UnmarshalBody(types.TypeFunc(), body)
	if err != nil {
		// Methods of other namespaces and malformed requests: the simulator answers them in its own words.
		method = &simulator.Method{}
	}
	c := &call{Method: method, vm: f.machineOf(method.This), r: r, body: body}
	rule := f.rules.take(c.Name, c.vm)
	time.Sleep(rule.delay())
	if rule.Drop == "before" {
		panic(http.ErrAbortHandler)
	}
	answer := f.answer(c, rule)
	if rule.Drop == "after" {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// machineOf names the virtual machine that a reference is, or is a snapshot of.
func (f *front) machineOf(ref types.ManagedObjectReference) string {
	if snapshot, ok := simulator.Map.Get(ref).(*simulator.VirtualMachineSnapshot); ok {
		ref = snapshot.Vm
	}
	return f.machines[ref]
}

func (f *front) answer(c *call, rule faultRule) *httptest.ResponseRecorder {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := httptest.NewRecorder()
	if strings.HasPrefix(c.Name, "Login") && !f.mayLogin(c) {
		writeFault(answer, "Cannot complete login due to an incorrect user name or password.", &types.InvalidLogin{})
		return answer
	}
	if rule.Fault != "" {
		fault := newFault(rule.Fault)
		if rule.onTask(c.Name) {
			writeTask(answer, c.Name, failedTask(c.Name, c.This, rule.Message, fault).Self)
		} else {
			writeFault(answer, rule.Message, fault)
		}
		return answer
	}
	if f.authenticated(c.r) {
		switch body := c.Body.(type) {
		case *types.HasPrivilegeOnEntities:
			writeSOAP(answer, http.StatusOK, privileges(body, rule.Deny))
			return answer
		case *types.CreateSnapshot_Task:
			if f.tooDeep(c.vm) {
				task := failedTask(c.Name, c.This, "The snapshot chain has 32 levels, which is the limit.", &types.TooManySnapshotLevels{})
				writeTask(answer, c.Name, task.Self)
				return answer
			}
		}
	}
	if !f.authenticated(c.r) || !f.whole(c, answer) {
		f.simulate(c, answer)
	}
	if rule.TaskMS > 0 {
		f.keepRunning(readTask(answer.Body.Bytes()), time.Duration(rule.TaskMS)*time.Millisecond)
	}
	return answer
}

// keepRunning shows a task as running for a while. What it did is there already, as vCenter lists a snapshot
// before its task ends.
func (f *front) keepRunning(task *simulator.Task, while time.Duration) {
	if task == nil || task.Info.State != types.TaskInfoStateSuccess {
		return
	}
	task.Info.State = types.TaskInfoStateRunning
	time.AfterFunc(while, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		task.Info.State = types.TaskInfoStateSuccess
	})
}

// mayLogin checks user and password; other kinds of login are not offered, as they would pass without one.
func (f *front) mayLogin(c *call) bool {
	body, ok := c.Body.(*types.Login)
	return ok && f.login.match(body.UserName, body.Password)
}

func (f *front) authenticated(r *http.Request) bool {
	cookie, err := r.Cookie(soap.SessionCookieName)
	return err == nil && f.sessions[cookie.Value]
}

func (f *front) tooDeep(vm string) bool {
	r := f.journal.last[vm]
	return depthOf(r.Roots, r.Current) >= maxDepth
}

// simulate lets the simulator work, completes what it did and journals it.
func (f *front) simulate(c *call, answer *httptest.ResponseRecorder) {
	c.r.Body = io.NopCloser(bytes.NewReader(c.body))
	f.service.ServeMux.ServeHTTP(answer, c.r)
	if answer.Code == http.StatusOK {
		f.noteSession(c, answer)
	}
	if c.vm == "" {
		return
	}
	task := readTask(answer.Body.Bytes())
	f.complete(c, task)
	if err := f.journal.save(c.vm); err != nil {
		log.Printf("%s on %s was taken back, its record cannot be written: %v", c.Name, c.vm, err)
		answer.Body.Reset()
		answer.Code = http.StatusOK
		if task == nil {
			answer.Code = http.StatusInternalServerError
			writeFault(answer, "The lab cannot write its journal.", &types.NoDiskSpace{})
			return
		}
		failTask(task, "The lab cannot write its journal.", &types.NoDiskSpace{})
		writeTask(answer, c.Name, task.Self)
	}
}

func (f *front) noteSession(c *call, answer *httptest.ResponseRecorder) {
	for _, cookie := range answer.Result().Cookies() {
		if cookie.Name == soap.SessionCookieName {
			f.sessions[cookie.Value] = true
		}
	}
	if c.Name == "Logout" {
		if cookie, err := c.r.Cookie(soap.SessionCookieName); err == nil {
			delete(f.sessions, cookie.Value)
		}
	}
}

// complete mends what the simulator leaves open: the result of a creation, which the vSphere provider needs,
// a number and a power state as vCenter gives them, and the current snapshot after a whole branch went.
func (f *front) complete(c *call, task *simulator.Task) {
	vm := f.journal.machines[c.vm]
	before := f.journal.last[c.vm]
	switch body := c.Body.(type) {
	case *types.CreateSnapshot_Task:
		if task == nil || task.Info.State != types.TaskInfoStateSuccess {
			return
		}
		created := *vm.Snapshot.CurrentSnapshot
		task.Info.Result = created
		item := findTree(vm.Snapshot.RootSnapshotList, created)
		item.Id = before.NextID
		if !body.Memory {
			item.State = types.VirtualMachinePowerStatePoweredOff
		}
	case *types.RemoveSnapshot_Task:
		current := before.Current
		for current != "" && (vm.Snapshot == nil || findTree(vm.Snapshot.RootSnapshotList, snapshotRef(current)) == nil) {
			current = parentOf(before.Roots, current)
		}
		if vm.Snapshot != nil {
			vm.Snapshot.CurrentSnapshot = nil
			if current != "" {
				ref := snapshotRef(current)
				vm.Snapshot.CurrentSnapshot = &ref
			}
		}
	}
}

func findTree(list []types.VirtualMachineSnapshotTree, ref types.ManagedObjectReference) *types.VirtualMachineSnapshotTree {
	for i := range list {
		if list[i].Snapshot == ref {
			return &list[i]
		}
		if found := findTree(list[i].ChildSnapshotList, ref); found != nil {
			return found
		}
	}
	return nil
}
