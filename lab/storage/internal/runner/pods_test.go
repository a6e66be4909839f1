package runner

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhatIsWrittenIsOnEveryReplica(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	end := l.runs(script("write", `echo text > /data/x; echo done > /dev/termination-log; labtool; cat /proc/self/status | grep -c ^Pid; ls /`, "data"), corev1.PodSucceeded)
	if got := l.onBoth(v, "x"); got != "text\n" {
		t.Fatalf("x is %q", got)
	}
	if end.ExitCode != 0 || end.Reason != "Completed" || end.Message != "done\n" {
		t.Fatalf("the container ended with %+v", end)
	}
	if ids, err := l.store.WrittenVolumes(); err != nil || len(ids) > 0 {
		t.Fatalf("replicas may still differ: %v, %v", ids, err)
	}
	if got := l.logOf("write"); !strings.HasPrefix(got, "from the lab\n1\n") || strings.Contains(got, "home") {
		t.Fatalf("the log is %q", got)
	}
	l.forgets()
}

func TestFailureIsReported(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	pod := script("fail", `echo half > /data/x; echo what went wrong >&2; exit 7`, "data")
	pod.Spec.Containers[0].TerminationMessagePolicy = corev1.TerminationMessageFallbackToLogsOnError
	end := l.runs(pod, corev1.PodFailed)
	if end.ExitCode != 7 || end.Reason != "Error" || end.Message != "what went wrong\n" {
		t.Fatalf("the container ended with %+v", end)
	}
	if got := l.onBoth(v, "x"); got != "half\n" {
		t.Fatalf("what a failing command wrote is %q", got)
	}
}

func TestReadOnlyMountRefusesWriting(t *testing.T) {
	l := newLab(t)
	l.volume("data")
	pod := script("look", `if touch /data/x; then exit 9; fi`, "data")
	pod.Spec.Containers[0].VolumeMounts[0].ReadOnly = true
	l.runs(pod, corev1.PodSucceeded)
}

func TestInitContainersComeFirst(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	pod := script("two", `cat /data/first > /data/second`, "data")
	first := *pod.Spec.Containers[0].DeepCopy()
	first.Name, first.Command = "first", []string{"sh", "-ec", "sleep 0.2; echo one > /data/first"}
	pod.Spec.InitContainers = []corev1.Container{first}
	l.runs(pod, corev1.PodSucceeded)
	if got := l.onBoth(v, "second"); got != "one\n" {
		t.Fatalf("second is %q", got)
	}
}

func TestVolumeHasToBeAttached(t *testing.T) {
	l := newLab(t)
	l.volume("data")
	l.attach("data", false)
	l.create(script("wait", "true", "data"))
	want := "volume data: PersistentVolume pv-data is not attached to a1 yet"
	until(t, want, func() bool {
		statuses := l.get("wait").Status.ContainerStatuses
		return len(statuses) == 1 && statuses[0].State.Waiting != nil && statuses[0].State.Waiting.Message == want
	})
	l.attach("data", true)
	l.reaches("wait", corev1.PodSucceeded)
}

func TestEnvironmentAndFiles(t *testing.T) {
	l := newLab(t)
	ctx := context.Background()
	_, err := l.api.CoreV1().ConfigMaps("atom").Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"color": "blue", "size": "3"},
	}, metav1.CreateOptions{})
	must(t, err)
	_, err = l.api.CoreV1().Secrets("atom").Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "key"}, Data: map[string][]byte{"password": []byte("canary")},
	}, metav1.CreateOptions{})
	must(t, err)
	pod := script("env", `echo "$0 $1"; env | sort | grep -v ^PWD; cat /etc/app/c; stat -c %a /secret/password /etc/app/c; cat /secret/password; pwd; cat /host/f`)
	container := &pod.Spec.Containers[0]
	container.Args = []string{"$(WHERE)", "$$(WHERE) $(NONE)"}
	container.WorkingDir = "/work/here"
	container.Env = []corev1.EnvVar{
		{Name: "NODE", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}},
		{Name: "WHERE", Value: "on $(NODE)"},
		{Name: "KEY", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "key"}, Key: "password"}}},
	}
	container.EnvFrom = []corev1.EnvFromSource{{Prefix: "S_", ConfigMapRef: &corev1.ConfigMapEnvSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}}
	mode := int32(0o400)
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "c", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "settings"},
			Items:                []corev1.KeyToPath{{Key: "color", Path: "c"}}}}},
		{Name: "s", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "key", DefaultMode: &mode}}},
		{Name: "h", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/lib/app"}}},
	}
	container.VolumeMounts = []corev1.VolumeMount{
		{Name: "c", MountPath: "/etc/app"}, {Name: "s", MountPath: "/secret"}, {Name: "h", MountPath: "/host"},
	}
	host := filepath.Join(l.options.Hosts, "a1/var/lib/app")
	must(t, os.MkdirAll(host, 0o755))
	must(t, os.WriteFile(filepath.Join(host, "f"), []byte("of the node\n"), 0o600))
	l.runs(pod, corev1.PodSucceeded)
	want := "on a1 $(WHERE) $(NONE)\nHOME=/root\nHOSTNAME=env\nKEY=canary\nNODE=a1\nPATH=" + l.options.Tools +
		":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nS_color=blue\nS_size=3\nWHERE=on a1\n" +
		"blue400\n644\ncanary/work/here\nof the node\n"
	if got := l.logOf("env"); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	// Secrets too.
	l.forgets()
}

func TestWhatCannotRunSaysWhy(t *testing.T) {
	l := newLab(t)
	none := script("image", "")
	none.Spec.Containers[0].Command = nil
	l.create(none)
	if got := l.reaches("image", corev1.PodFailed).Status; got.Reason != "CannotRun" ||
		got.Message != "container main: the lab runs commands, not images: state `command`" {
		t.Fatalf("%s: %s", got.Reason, got.Message)
	}
	missing := script("missing", "")
	missing.Spec.Containers[0].Command = []string{"no-such-program"}
	if end := l.runs(missing, corev1.PodFailed); end.ExitCode != 128 || end.Reason != "StartError" ||
		end.Message != `exec: "no-such-program": executable file not found in $PATH` {
		t.Fatalf("%+v", end)
	}
	foreign := script("nfs", "true")
	foreign.Spec.Volumes = []corev1.Volume{{Name: "n", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{}}}}
	l.create(foreign)
	if got := l.reaches("nfs", corev1.PodFailed).Status; got.Reason != "CannotMount" || got.Message !=
		"volume n: the lab's runner mounts persistentVolumeClaim, ephemeral, hostPath, emptyDir, configMap and secret volumes only" {
		t.Fatalf("%s: %s", got.Reason, got.Message)
	}
}

func TestOthersAreLeftAlone(t *testing.T) {
	l := newLab(t)
	other := script("other", "true")
	other.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: "set"}}
	l.create(other)
	l.runs(script("mine", "true"), corev1.PodSucceeded)
	if got := l.get("other").Status; got.Phase != "" || len(got.ContainerStatuses) > 0 {
		t.Fatalf("the pod of a StatefulSet is %+v", got)
	}
}

func TestDeadline(t *testing.T) {
	l := newLab(t)
	v := l.volume("data")
	pod := script("late", `echo x > /data/x; sleep 60`, "data")
	one := int64(1)
	pod.Spec.ActiveDeadlineSeconds, pod.Spec.TerminationGracePeriodSeconds = &one, new(int64)
	start := time.Now()
	l.create(pod)
	status := l.reaches("late", corev1.PodFailed).Status
	if status.Reason != "DeadlineExceeded" || status.ContainerStatuses[0].State.Terminated.ExitCode != 137 {
		t.Fatalf("%+v", status)
	}
	if took := time.Since(start); took < time.Second || took > 5*time.Second {
		t.Fatalf("it took %s", took)
	}
	if got := l.onBoth(v, "x"); got != "x\n" {
		t.Fatalf("x is %q", got)
	}
}

func TestAContainerHasNoRightsOverTheMachine(t *testing.T) {
	l := newLab(t)
	end := l.runs(script("confined", `
		fails() { ! "$@" 2>/dev/null || { echo "$* was allowed"; exit 1; }; }
		[ "$(id -u)" = 0 ]
		for path in /proc/sys/kernel/panic /proc/sysrq-trigger /proc/self/comm /usr/lab; do
			fails sh -c "echo h > $path"
		done
		fails mount -o remount,rw /proc
		fails mount -o remount,bind,rw /usr
		fails mount -t tmpfs none /run
		fails mknod /tmp/memory c 1 1
		[ ! -e /sys ]
		readlink /proc/self/ns/user > /dev/termination-log
	`), corev1.PodSucceeded)
	own, err := os.Readlink("/proc/self/ns/user")
	must(t, err)
	if got := strings.TrimSpace(end.Message); got == "" || got == own {
		t.Fatalf("the container runs in user namespace %q, the runner in %q", got, own)
	}
}
