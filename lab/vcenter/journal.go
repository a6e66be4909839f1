package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// journal keeps the snapshot trees over a restart. Each line is the whole tree of one machine after a change,
// written before the change is answered: whoever got an answer finds it again after SIGKILL.
type journal struct {
	path     string
	file     *os.File
	machines map[string]*simulator.VirtualMachine
	last     map[string]record
}

// openJournal replays what there is into the machines, and writes it anew in its shortest form.
func openJournal(path string, machines map[string]*simulator.VirtualMachine) (*journal, error) {
	j := &journal{path: path, machines: machines, last: map[string]record{}}
	for name, vm := range machines {
		j.last[name] = newRecord(name, vm, 1)
	}
	if err := j.replay(); err != nil {
		return nil, err
	}
	return j, j.compact()
}

func (j *journal) replay() error {
	text, err := os.ReadFile(j.path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	counter := 0
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			if i == len(lines)-1 {
				break // torn by a kill while it was written, so never answered
			}
			return fmt.Errorf("%s line %d: %w; remove the file to start with no snapshots", j.path, i+1, err)
		}
		counter = max(counter, r.Counter)
		if j.machines[r.VM] != nil {
			j.last[r.VM] = r
		}
	}
	for name, r := range j.last {
		r.restore(j.machines[name], r)
	}
	advanceCounter(counter)
	return nil
}

func (j *journal) compact() error {
	temporary := j.path + ".new"
	var text bytes.Buffer
	for _, name := range sortedNames(j.machines) {
		r := j.last[name]
		r.Counter = probeCounter()
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		text.Write(append(line, '\n'))
	}
	if err := os.WriteFile(temporary, text.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, j.path); err != nil {
		return err
	}
	file, err := os.OpenFile(j.path, os.O_APPEND|os.O_WRONLY, 0o600)
	j.file = file
	return err
}

// save writes the machine's state if it changed. If it cannot be written the change is taken back, so that
// what is answered and what is kept never differ.
func (j *journal) save(name string) error {
	vm, old := j.machines[name], j.last[name]
	r := newRecord(name, vm, old.NextID)
	r.Counter = old.Counter
	if reflect.DeepEqual(r, old) {
		return nil
	}
	r.Counter = probeCounter()
	line, err := json.Marshal(r)
	if err == nil {
		err = j.append(append(line, '\n'))
	}
	if err != nil {
		old.restore(vm, r)
		return err
	}
	j.last[name] = r
	r.restore(vm, old)
	return nil
}

// append writes a whole line or nothing: half a line would hide the ones after it.
func (j *journal) append(line []byte) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if _, err := j.file.Write(line); err != nil {
		if cut := j.file.Truncate(info.Size()); cut != nil {
			return fmt.Errorf("%w, and %w", err, cut)
		}
		return err
	}
	return nil
}

// counterProbe stands in the registry for a moment to take the next free number of a reference. Its type is
// none of vSphere's, so that its reference is never that of a replayed object.
type counterProbe struct{ mo.VirtualMachineSnapshot }

func probeCounter() int {
	probe := &counterProbe{}
	probe.Self.Type = "CounterProbe"
	ref := simulator.Map.Put(probe).Reference()
	simulator.Map.Remove(ref)
	_, number, _ := strings.Cut(ref.Value, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		panic("a reference without a number: " + ref.Value)
	}
	return n
}

// advanceCounter sees to it that no reference of an earlier life, of a removed snapshot too, is given again.
func advanceCounter(to int) {
	for probeCounter() < to {
	}
}

// withoutSnapshot tells whether a machine has none left.
func withoutSnapshot(info *types.VirtualMachineSnapshotInfo) bool {
	return info == nil || len(info.RootSnapshotList) == 0
}
