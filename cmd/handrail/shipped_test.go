package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/internal/sim"
)

const (
	readyWithin = 500 * time.Millisecond // from the start of the process
	restsWithin = 50.0                   // MB resident, nothing to do
)

// buildLine is the Dockerfile's command that makes the binary.
var buildLine = regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*-o )/handrail( \./cmd/handrail)`)

// shipped builds the binary by the Dockerfile's own command.
func shipped(t testing.TB) string {
	t.Helper()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	m := buildLine.FindSubmatch(text)
	if m == nil {
		t.Fatal("the Dockerfile builds no static binary")
	}
	path := filepath.Join(t.TempDir(), "handrail")
	cmd := exec.Command("sh", "-c", string(m[1])+`"$OUT"`+string(m[2]))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "VERSION=1.2.3", "OUT="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build as the Dockerfile does: %v\n%s", err, out)
	}
	return path
}

func TestTheImageWouldHoldAStaticBinaryThatKnowsItsVersion(t *testing.T) {
	path := shipped(t)
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary wants a dynamic loader (%v), and the image has none", p.Type)
		}
	}
	out, err := exec.Command(path, "version").Output()
	if err != nil || string(out) != "handrail 1.2.3\n" {
		t.Errorf("version says %q, %v", out, err)
	}
	docker, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	image := regexp.MustCompile(`(?m)^FROM golang:(\d+\.\d+)`).FindSubmatch(docker)
	need := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if image == nil || need == nil || string(image[1]) != string(need[1]) {
		t.Errorf("the image is built with Go %s, go.mod says %s", image, need)
	}
}

func TestItIsReadyAtOnceAndSmallAtRest(t *testing.T) {
	path := shipped(t)
	best, most := time.Hour, 0.0
	for range 5 { // of a machine that does other things too
		p := launch(t, path, t.TempDir())
		best = min(best, p.took)
		most = max(most, p.resident(t))
		p.end(t)
	}
	t.Logf("ready after %s, %.1f MB resident", best, most)
	if most > restsWithin {
		t.Errorf("it holds %.1f MB at the start, which ought to be %.0f", most, restsWithin)
	}
	if best > readyWithin {
		t.Errorf("ready after %s, which ought to be %s", best, readyWithin)
	}
}

// launched is a running handrail and its stage.
type launched struct {
	*stage
	cmd  *exec.Cmd
	out  *lockedBuffer
	took time.Duration // from the start of the process until /readyz said so
}

func launch(t testing.TB, path, dir string) *launched {
	t.Helper()
	s, stop, err := newStage(t.TempDir(), freeAddress(t), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	p := &launched{stage: s, cmd: exec.Command(path, "serve"), out: &lockedBuffer{}}
	p.cmd.Env = append(os.Environ(), append(s.env(), "HANDRAIL_DATABASE="+filepath.Join(dir, "handrail.db"))...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	for p.get("/readyz") == "" {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("not ready\n%s", last(p.out.Bytes(), 4000))
		}
		time.Sleep(time.Millisecond) // another process starts; there is nothing to wait on
	}
	p.took = time.Since(began)
	return p
}

// resident is the memory that the process holds, in MB (10^6 bytes).
func (p *launched) resident(t testing.TB) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kB, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return float64(kB) * 1024 / 1e6
		}
	}
	t.Fatal("the kernel does not say how much memory handrail holds")
	return 0
}

func (p *launched) end(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, last(p.out.Bytes(), 4000))
	}
}

// BenchmarkStart starts the binary as it is shipped: how long until it is ready
// (median), how much memory it holds after 5 s at rest, and after 300 pull
// requests.
func BenchmarkStart(b *testing.B) {
	path := shipped(b)
	var took []time.Duration
	for range max(b.N, 10) {
		p := launch(b, path, b.TempDir())
		took = append(took, p.took)
		p.end(b)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-to-ready")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-worst")
	p := launch(b, path, b.TempDir())
	if err := p.judged(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(5 * time.Second) // at rest is what is measured
	b.ReportMetric(p.resident(b), "MB-at-rest")
	for i := range 300 {
		pull, err := open(p.shop, fmt.Sprint("more", i), "feat: more", map[string]string{fmt.Sprintf("more%d.go", i): "package shop\n"})
		if err != nil {
			b.Fatal(err)
		}
		if i%2 == 0 {
			pull.Approve("bob")
		}
	}
	began := time.Now()
	if err := p.rest(5 * time.Minute); err != nil {
		b.Fatalf("%v\n%s", err, last(p.out.Bytes(), 4000))
	}
	b.Logf("300 more pull requests are judged after %s", time.Since(began).Round(100*time.Millisecond))
	b.ReportMetric(p.resident(b), "MB-after-300")
	time.Sleep(5 * time.Second)
	b.ReportMetric(p.resident(b), "MB-5s-later")
	p.end(b)
	b.ReportMetric(0, "ns/op")
}
