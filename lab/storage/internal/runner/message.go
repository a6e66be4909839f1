package runner

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The limits are a kubelet's: of a message, and of what is taken from the log in its place.
const (
	messageBytes  = 4096
	fallbackBytes = 2048
	fallbackLines = 80
)

func (a *attempt) messagePath() string {
	if a.container.TerminationMessagePath != "" {
		return filepath.Clean("/" + a.container.TerminationMessagePath)
	}
	return corev1.TerminationMessagePathDefault
}

func (a *attempt) messageAt() string {
	return filepath.Join(a.worker.dir(), a.container.Name+".message")
}

// messageFile makes the empty file that the container sees at its terminationMessagePath.
func (a *attempt) messageFile() (string, error) {
	if err := os.WriteFile(a.messageAt(), nil, 0o666); err != nil {
		return "", err
	}
	return a.messageAt(), os.Chmod(a.messageAt(), 0o666)
}

// message is what the container left to say.
func (a *attempt) message(code int32) string {
	file, err := os.Open(a.messageAt())
	if err == nil {
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, messageBytes))
		if err == nil && len(text) > 0 {
			return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
		}
	}
	if a.container.TerminationMessagePolicy != corev1.TerminationMessageFallbackToLogsOnError || code == 0 || a.log == nil {
		return ""
	}
	return logTail(a.log, a.logFrom)
}

// logTail is the end of what this run of the container printed.
func logTail(log *os.File, from int64) string {
	info, err := log.Stat()
	if err != nil {
		return ""
	}
	start := max(from, info.Size()-fallbackBytes)
	text, err := io.ReadAll(io.NewSectionReader(log, start, info.Size()-start))
	if err != nil {
		return ""
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	if len(lines) > fallbackLines {
		lines = lines[len(lines)-fallbackLines:]
	}
	return string(bytes.ToValidUTF8(bytes.Join(lines, nil), []byte("\uFFFD")))
}

func (a *attempt) terminated(code, signal int32, failure error) *corev1.ContainerStateTerminated {
	state := &corev1.ContainerStateTerminated{
		ExitCode: code, Signal: signal, Reason: "Completed", ContainerID: a.id,
		StartedAt: metav1.NewTime(a.started), FinishedAt: *now(),
	}
	if code != 0 {
		state.Reason = "Error"
	}
	if failure != nil {
		state.Reason, state.Message = "StartError", failure.Error()
		return state
	}
	state.Message = a.message(code)
	return state
}
