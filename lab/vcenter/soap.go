package main

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// envelope is a SOAP answer. The prefixes are written out because clients other than govmomi look for them.
type envelope struct {
	XMLName xml.Name `xml:"soapenv:Envelope"`
	Env     string   `xml:"xmlns:soapenv,attr"`
	XSD     string   `xml:"xmlns:xsd,attr"`
	XSI     string   `xml:"xmlns:xsi,attr"`
	Body    any      `xml:"soapenv:Body"`
}

type faultBody struct {
	Fault struct {
		Code   string `xml:"faultcode"`
		String string `xml:"faultstring"`
		Detail struct {
			Fault any `xml:",any,typeattr"`
		} `xml:"detail"`
	} `xml:"soapenv:Fault"`
}

func writeSOAP(w http.ResponseWriter, status int, body any) {
	var text bytes.Buffer
	text.WriteString(xml.Header)
	err := xml.NewEncoder(&text).Encode(&envelope{
		Env:  "http://schemas.xmlsoap.org/soap/envelope/",
		XSD:  "http://www.w3.org/2001/XMLSchema",
		XSI:  "http://www.w3.org/2001/XMLSchema-instance",
		Body: body,
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

func writeFault(w http.ResponseWriter, message string, fault types.BaseMethodFault) {
	var body faultBody
	body.Fault.Code = "ServerFaultCode"
	body.Fault.String = message
	body.Fault.Detail.Fault = fault
	writeSOAP(w, http.StatusInternalServerError, &body)
}

// taskAnswer is the answer of every *_Task method: a reference to the task.
type taskAnswer struct {
	XMLName   xml.Name
	Returnval types.ManagedObjectReference `xml:"returnval"`
}

func writeTask(w http.ResponseWriter, method string, task types.ManagedObjectReference) {
	answer := &taskAnswer{Returnval: task}
	answer.XMLName = xml.Name{Space: "urn:vim25", Local: method + "Response"}
	writeSOAP(w, http.StatusOK, struct{ Answer *taskAnswer }{answer})
}

// readTask finds the task that an answer of the simulator refers to.
func readTask(answer []byte) *simulator.Task {
	var body struct {
		Answer struct {
			Returnval types.ManagedObjectReference `xml:"returnval"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(answer, &soap.Envelope{Body: &body}); err != nil {
		return nil
	}
	task, _ := simulator.Map.Get(body.Answer.Returnval).(*simulator.Task)
	return task
}

// failTask turns a task into one that failed with this fault.
func failTask(task *simulator.Task, message string, fault types.BaseMethodFault) {
	task.Info.State = types.TaskInfoStateError
	task.Info.Result = nil
	task.Info.Error = &types.LocalizedMethodFault{Fault: fault, LocalizedMessage: message}
}

// failedTask makes a task that failed before it did anything.
func failedTask(method string, on types.ManagedObjectReference, message string, fault types.BaseMethodFault) *simulator.Task {
	task := simulator.CreateTask(on, strings.TrimSuffix(method, "_Task"), nil)
	failTask(task, message, fault)
	return task
}
