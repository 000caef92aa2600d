package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
)

// burst is how many pull requests change at once while handrail is killed.
const burst = 300

func TestKilledAtRandomMomentsNothingIsLostOrWrong(t *testing.T) {
	w := newBurst(t, sim.Options{Workers: 16})
	w.run(t, 6)
}

func TestKilledWhileAFifthOfAllCallsFailsNothingIsLostOrWrong(t *testing.T) {
	w := newBurst(t, sim.Options{Workers: 16, Seed: 7})
	w.github.Fail(sim.Fault{Rate: 0.2, Do: []sim.Failure{
		sim.Status(502), sim.Cut(), sim.Status(502).After(), sim.Cut().After(), sim.Secondary(time.Second),
	}})
	w.run(t, 6)
}

func TestAskedToStopItEndsWhatItHasBegunAndSaysGoodbye(t *testing.T) {
	w := newBurst(t, sim.Options{Workers: 16})
	w.wrong.watch(w.github)
	p := w.start(t)
	w.play(t, 40)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("asked to stop, it ended with %v\n%s", err, p.tail())
	}
	if strings.Contains(p.tail(), `"level":"error"`) {
		t.Errorf("stopping is an error in the log:\n%s", p.tail())
	}
	w.settle(t, w.start(t))
	w.audit(t)
}

// burstWorld is a GitHub with many pull requests and a handrail that is a process of
// its own, so that it can be killed.
type burstWorld struct {
	github  *sim.GitHub
	binary  string
	dir     string
	address string
	env     []string
	pulls   []*sim.Pull
	wrong   wrongs
	guard   *leak.Guard
}

func newBurst(t *testing.T, o sim.Options) *burstWorld {
	t.Helper()
	w := &burstWorld{github: sim.New(o), dir: t.TempDir()}
	url, stop, err := w.github.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	w.guard = leak.Over(t, w.github, filepath.Join(w.dir, "handrail.db"))
	w.binary = binary(t)
	w.address = freeAddress(t)
	key := filepath.Join(w.dir, "app.pem")
	if err := os.WriteFile(key, w.github.App().PrivateKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(os.Environ(),
		"GITHUB_WEB_URL="+url, "GITHUB_APP_INTEGRATION_ID="+fmt.Sprint(w.github.App().ID),
		"GITHUB_APP_WEBHOOK_SECRET="+w.github.App().Secret, "GITHUB_APP_PRIVATE_KEY="+key,
		"HANDRAIL_ADDRESS="+w.address, "HANDRAIL_DATABASE="+filepath.Join(w.dir, "handrail.db"),
	)
	w.github.SetHook("http://" + w.address + hookPath)
	w.stage(t)
	return w
}

// orgs is how many organisations, each with an installation and so a call
// budget of its own, the burst is spread over: GitHub lets one installation do
// 2,000 points a minute.
const orgs = 6

func (w *burstWorld) repo(i int) *sim.Repo {
	return w.github.Org(fmt.Sprint("acme", i%orgs)).Repo("shop")
}

// stage makes the repositories, with a policy that wants one approval.
func (w *burstWorld) stage(t *testing.T) {
	for i := range orgs {
		org := w.github.Org(fmt.Sprint("acme", i))
		org.AddMember("alice", "bob")
		r := w.repo(i)
		r.Allow("alice", "write")
		r.Allow("bob", "write")
		if _, err := r.Push(sim.Push{By: "alice", Branch: "main", Message: "Begin", Files: map[string]string{
			checks.PolicyPath: "version: 1\nreview:\n  sign_offs:\n    - {name: Code review, role: reviewer}\n", "README.md": "x",
		}}); err != nil {
			t.Fatal(err)
		}
		org.Install()
	}
}

// run opens pull requests, approves two thirds of them and pushes again to half
// of those, while handrail is killed and started; then everything must be right.
func (w *burstWorld) run(t *testing.T, kills int) {
	w.wrong.watch(w.github)
	began := time.Now()
	p := w.start(t)
	var work sync.WaitGroup
	work.Go(func() { w.play(t, burst) })
	played := make(chan struct{})
	go func() { work.Wait(); close(played) }()
	random := rand.New(rand.NewPCG(1, 2))
	for range kills {
		// Not a wait for anything: the moment of death is what is drawn.
		time.Sleep(time.Duration(100+random.IntN(900)) * time.Millisecond)
		p.kill(t)
		p = w.start(t)
	}
	<-played
	p.kill(t) // once more, so that the last state is found by a start
	p = w.start(t)
	t.Logf("played in %s", time.Since(began).Round(time.Second))
	w.settle(t, p)
	t.Logf("all is right after %s", time.Since(began).Round(time.Second))
	p.kill(t)
	for _, bad := range w.wrong.list() {
		t.Error(bad)
	}
	w.audit(t)
}

func (w *burstWorld) play(t *testing.T, n int) {
	for i := range n {
		r := w.repo(i)
		branch := fmt.Sprint("topic", i)
		if _, err := r.Push(sim.Push{By: "alice", Branch: branch, Message: "work", Files: map[string]string{fmt.Sprintf("f%d.txt", i): "one"}}); err != nil {
			t.Error(err)
			return
		}
		pull, err := r.OpenPull(sim.NewPull{By: "alice", Title: fmt.Sprint("change ", i), Head: branch})
		if err != nil {
			t.Error(err)
			return
		}
		w.pulls = append(w.pulls, pull)
		if i%10 == 0 {
			pull.SetBody("alice", w.guard.Secret("description"))
			pull.Comment("alice", w.guard.Secret("comment"))
		}
		if i%3 != 0 {
			pull.Approve("bob")
		}
		if i%3 == 2 && i%2 == 0 {
			if _, err := r.Push(sim.Push{By: "alice", Branch: branch, Message: "more", Files: map[string]string{fmt.Sprintf("f%d.txt", i): "two"}}); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// met says what the pull request ought to come to.
func met(i int) bool { return i%3 != 0 && !(i%3 == 2 && i%2 == 0) }

// settle waits until every pull request shows what it ought to.
func (w *burstWorld) settle(t *testing.T, p *process) {
	t.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	for {
		wrong := ""
		n := 0
		for i, pull := range w.pulls {
			run, _ := pull.Run(checks.RunMerge)
			if good := run.Conclusion == "success"; good != met(i) || pull.HasLabel(checks.LabelMet) != met(i) || run.Status == "" {
				n++
				wrong = fmt.Sprintf("%s: ought to be met: %v; shows %s/%s %q, label %v", pull, met(i), run.Status, run.Conclusion, run.Title, pull.HasLabel(checks.LabelMet))
			}
		}
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d are wrong, such as %s\n%s", n, len(w.pulls), wrong, p.tail())
		}
		time.Sleep(50 * time.Millisecond) // another process works; there is nothing to wait on
	}
}

func (w *burstWorld) audit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"audit", "verify"}, {"audit", "replay", "--all"}} {
		cmd := exec.Command(w.binary, args...)
		cmd.Env = w.env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("handrail %s: %v\n%s", strings.Join(args, " "), err, last(out, 2000))
		}
		w.guard.Add(leak.Printed, out)
		t.Logf("handrail %s: %s", strings.Join(args, " "), last(out, 300))
	}
}

// wrongs collects grants that were never right: success for a commit, or the
// label on a pull request, that nobody had approved until then.
type wrongs struct {
	mu       sync.Mutex
	bad      []string
	approved map[string]bool // commits, and pull requests as owner/repo#number
}

func (w *wrongs) watch(gh *sim.GitHub) {
	w.approved = map[string]bool{}
	gh.OnChange(func(c sim.Change) {
		w.mu.Lock()
		defer w.mu.Unlock()
		pull := fmt.Sprintf("%s#%d", c.Repo, c.Pull)
		switch {
		case c.Kind == "review" && c.Name == "APPROVED":
			w.approved[c.SHA], w.approved[pull] = true, true
		case c.Kind == "check_run" && (c.Name == checks.RunMerge || c.Name == "handrail/review") && c.Value == "completed/success" && !w.approved[c.SHA]:
			w.bad = append(w.bad, fmt.Sprintf("%s %q became success on %.7s, which nobody approved", c.Repo, c.Name, c.SHA))
		case c.Kind == "label_added" && !w.approved[pull]:
			w.bad = append(w.bad, fmt.Sprintf("%s got the label, and nobody approved it", pull))
		}
	})
}

func (w *wrongs) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bad
}

// process is one life of handrail.
type process struct {
	cmd *exec.Cmd
	out *lockedBuffer
}

func (w *burstWorld) start(t *testing.T) *process {
	t.Helper()
	p := &process{cmd: exec.Command(w.binary, "serve"), out: &lockedBuffer{}}
	p.cmd.Env = w.env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		w.guard.Add(leak.Logged, p.out.Bytes())
	})
	ready(t, "http://"+w.address+"/readyz", p)
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill handrail: %v\n%s", err, p.tail())
	}
	p.cmd.Wait() // killed: it has nothing to say
}

func (p *process) tail() string { return last(p.out.Bytes(), 4000) }

func ready(t *testing.T, url string, p *process) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("handrail is not ready: %v\n%s", err, p.tail())
		}
		time.Sleep(10 * time.Millisecond) // a process starts; there is nothing to wait on
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.b.Bytes())
}

func last(b []byte, n int) string { return string(b[max(0, len(b)-n):]) }

// binary builds handrail as it is shipped.
func binary(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "handrail")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build handrail: %v\n%s", err, out)
	}
	return path
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
