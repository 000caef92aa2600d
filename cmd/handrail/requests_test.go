package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/handlers"
	"github.com/handrail-bot/handrail/internal/hub"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/scan"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

// meterPolicy has what costs requests: a team, a required check, sections.
const meterPolicy = `version: 1
roles:
  qa: {team: acme/qa, say: ["QA +1"]}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
    - {name: QA, role: qa}
status:
  require: [build]
compliance:
  title: conventional
`

// meter is handrail from webhook to record in one goroutine, with a clock that
// is moved by hand, so that what is counted is the same each time.
type meter struct {
	t     testing.TB
	gh    *sim.GitHub
	repo  *sim.Repo
	store *store.Store
	hub   *hub.Hub
	flow  *handlers.Flow
	skew  time.Duration
}

func newMeter(t testing.TB, policy string) *meter {
	t.Helper()
	m := &meter{t: t, gh: sim.New(sim.Options{})}
	_, stop, err := m.gh.Start()
	m.must(err)
	t.Cleanup(stop)
	database := filepath.Join(t.TempDir(), "handrail.db")
	leak.Over(t, m.gh, database)
	m.store, err = store.Open(t.Context(), database, store.Options{
		Origin: "meter", Jitter: func(d time.Duration) time.Duration { return d / 2 },
	})
	m.must(err)
	t.Cleanup(func() { m.store.Close() })
	app := m.gh.App()
	h, err := hub.New(hub.Config{WebURL: m.gh.URL(), AppID: app.ID, PrivateKey: app.PrivateKey()})
	m.must(err)
	m.hub = h
	scanner := scan.New(m.store.Secret(findingsKey))
	m.flow = &handlers.Flow{Store: m.store, Forge: h, Coverage: handlers.NewGatherer(h, reportReaders(scanner)), Inspector: handlers.NewInspector(h, scanner, handlers.CommitsAtOnce), Observer: newMetrics(m.store), Now: m.now, Version: "test"}
	hook, err := handlers.NewHook(handlers.HookConfig{AppID: app.ID, API: m.gh.URL() + "/api/v3", Secret: []byte(app.Secret), Store: m.store, Log: zerolog.Nop(), Now: m.now})
	m.must(err)
	server := httptest.NewServer(hook)
	t.Cleanup(server.Close)
	m.gh.SetHook(server.URL)
	org := m.gh.Org("acme")
	org.AddMember("alice", "bob", "carol", "dave")
	org.Team("qa", "carol")
	m.repo = org.Repo("shop")
	for _, l := range []string{"alice", "bob", "carol", "dave"} {
		m.repo.Allow(l, "write")
	}
	m.push("main", map[string]string{checks.PolicyPath: policy, "README.md": "# shop\n"})
	org.Install()
	m.settle()
	return m
}

func (m *meter) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *meter) now() time.Time { return time.Now().Add(m.skew) }

func (m *meter) pass(d time.Duration) {
	m.skew += d
	m.gh.Advance(d)
}

func (m *meter) push(branch string, files map[string]string, parents ...string) {
	m.t.Helper()
	_, err := m.repo.Push(sim.Push{By: "alice", Branch: branch, Message: "work on " + branch, Files: files, Parents: parents})
	m.must(err)
}

// open opens a pull request that changes n files.
func (m *meter) open(branch string, n int) *sim.Pull {
	m.t.Helper()
	m.push(branch, goFiles(n))
	p, err := m.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: " + branch, Head: branch})
	m.must(err)
	return p
}

func goFiles(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("f%03d.go", i)] = "package shop\n"
	}
	return files
}

// build lets the required check pass on the head.
func (m *meter) build(p *sim.Pull) {
	m.t.Helper()
	run, err := m.repo.StartRun(sim.NewRun{Name: "build", SHA: p.Head()})
	m.must(err)
	m.must(run.Finish("success"))
}

// met is a pull request that is met and rests.
func (m *meter) met(files int) *sim.Pull {
	m.t.Helper()
	p := m.open("topic", files)
	m.build(p)
	p.Approve("bob")
	p.Comment("carol", "QA +1")
	m.settle()
	m.shows(p, true)
	return p
}

func (m *meter) shows(p *sim.Pull, met bool) {
	m.t.Helper()
	run, _ := p.Run(checks.RunMerge)
	if (run.Conclusion == "success") != met || p.HasLabel(checks.LabelMet) != met {
		m.t.Fatalf("%s: met ought to be %v: %s %q, labels %v\n%s", p, met, run.Conclusion, run.Title, p.Labels(), run.Summary)
	}
}

// settle delivers and works until nothing is due, moving the clock over every
// delay.
func (m *meter) settle() {
	m.t.Helper()
	for range 400 {
		m.must(m.gh.Settle(m.t.Context()))
		if m.step() {
			continue
		}
		q, err := m.store.Queue(m.t.Context(), m.now())
		m.must(err)
		if q.Depth > 0 {
			m.pass(500 * time.Millisecond)
			continue
		}
		m.pass(40 * time.Second) // over looks that were put off
		if !m.step() {
			return
		}
	}
	m.t.Fatal("handrail does not come to rest")
}

// step does everything that is due now.
func (m *meter) step() (did bool) {
	m.t.Helper()
	for {
		jobs, err := m.store.Claim(m.t.Context(), 1, time.Minute, m.now())
		m.must(err)
		if len(jobs) == 0 {
			return did
		}
		did = true
		m.must(m.flow.Evaluate(zerolog.Nop().WithContext(context.Background()), jobs[0]))
	}
}

// cost is what one event took. Requests for the security scan, which wait behind
// the others, are not among the requests.
type cost struct {
	event                           string
	requests, writes, points, scans int
}

// scanned counts the requests that were made for the security scan.
func (m *meter) scanned() (n int) {
	for op, times := range m.hub.Counts() {
		if op.Name == "pull-patch" || op.Name == "commit-patch" || strings.HasPrefix(op.Name, "alerts ") {
			n += times
		}
	}
	return n
}

// measure counts what is asked of GitHub until all rests again; minting a token,
// once an hour, is left out.
func (m *meter) measure(event string, f func()) cost {
	m.t.Helper()
	before, scans := len(m.gh.Requests()), m.scanned()
	f()
	m.settle()
	c := cost{event: event, scans: m.scanned() - scans}
	c.requests = -c.scans
	for _, q := range m.gh.Requests()[before:] {
		if q.Minting() {
			continue
		}
		c.requests++
		if q.Write {
			c.writes++
		}
		if q.GraphQL {
			c.points += q.Cost
		}
	}
	return c
}

// events are the kinds of event that are played, each on a stage of its own.
var events = []func(testing.TB) cost{
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		return m.measure("opened, 10 files", func() { m.open("topic", 10) })
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		return m.measure("opened, 100 files", func() { m.open("topic", 100) })
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(100)
		c := m.measure("new head: 1 of 100 reviewed files changes", func() {
			m.push("topic", map[string]string{"f000.go": "package shop // changed\n"})
		})
		m.shows(p, false)
		return c
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(10)
		m.push("main", map[string]string{"other.txt": "unrelated\n"})
		m.settle()
		c := m.measure("rebase: new commits, same content", func() {
			m.push("topic", goFiles(10), m.repo.Branch("main"))
			m.build(p)
		})
		m.shows(p, true)
		return c
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.open("topic", 10)
		m.build(p)
		p.Comment("carol", "QA +1")
		m.settle()
		c := m.measure("approval that meets it", func() { p.Approve("bob") })
		m.shows(p, true)
		return c
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(10)
		m.flow.SweepOnce(t.Context())
		m.settle()
		return m.measure("merged: what came to the branch is looked at", func() {
			_, err := p.Merge("bob")
			m.must(err)
		})
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(10)
		return m.measure("comment that changes nothing", func() { p.Comment("dave", "nice") })
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.open("topic", 10)
		m.settle()
		c := m.measure("label set by hand, taken away again", func() { p.AddLabel("dave", checks.LabelMet) })
		m.shows(p, false)
		return c
	},
	thirtyTwoChecks,
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(10)
		m.push("release", map[string]string{"other.txt": "on release\n"})
		return m.measure("retargeted to another base", func() { m.must(p.Retarget("alice", "release")) })
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		p := m.met(10)
		run, _ := p.Run(checks.RunMerge)
		c := m.measure("button \"Re-run\"", func() { m.gh.FindRun(run.ID).Rerequest("dave") })
		m.shows(p, true)
		return c
	},
	func(t testing.TB) cost {
		m := newMeter(t, meterPolicy)
		m.met(10)
		return m.measure("somebody joins a team that signs", func() { m.gh.Org("acme").Team("qa").Add("dave") })
	},
	hundredOpen,
}

// played are all kinds of event, those about coverage and security last.
func played() []func(testing.TB) cost {
	return slices.Concat(events, coverageEvents, securityEvents, releaseEvents)
}

// thirtyTwoChecks lets as many required checks finish, one a second.
func thirtyTwoChecks(t testing.TB) cost {
	var names []string
	for i := range 32 {
		names = append(names, fmt.Sprintf("check-%02d", i))
	}
	m := newMeter(t, strings.Replace(meterPolicy, "[build]", "["+strings.Join(names, ", ")+"]", 1))
	p := m.open("topic", 10)
	p.Approve("bob")
	p.Comment("carol", "QA +1")
	var runs []*sim.CheckRun
	for _, n := range names {
		run, err := m.repo.StartRun(sim.NewRun{Name: n, SHA: p.Head()})
		m.must(err)
		runs = append(runs, run)
	}
	m.settle()
	c := m.measure("32 required checks finish, one a second", func() {
		for _, run := range runs {
			m.must(run.Finish("success"))
			m.must(m.gh.Settle(t.Context()))
			m.pass(time.Second)
			m.step()
		}
	})
	m.shows(p, true)
	return c
}

// hundredOpen sweeps over a hundred pull requests of one repository that were
// swept before and have not changed.
func hundredOpen(t testing.TB) cost {
	m := newMeter(t, meterPolicy)
	for i := range 100 {
		m.push(fmt.Sprint("topic", i), map[string]string{fmt.Sprintf("f%d.go", i): "package shop\n"})
		_, err := m.repo.OpenPull(sim.NewPull{By: "alice", Title: "feat: x", Head: fmt.Sprint("topic", i)})
		m.must(err)
	}
	m.settle()
	for range 2 { // the first finds a branch that it has never seen
		m.flow.SweepOnce(t.Context())
		m.settle()
	}
	return m.measure("hourly sweep, 100 open pull requests unchanged", func() { m.flow.SweepOnce(t.Context()) })
}

// costTable is the README's table.
func costTable(costs []cost) string {
	var b strings.Builder
	b.WriteString("| what happens | requests | of these writes | GraphQL points | for the scan |\n|---|---|---|---|---|\n")
	for _, c := range costs {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", c.event, c.requests, c.writes, c.points, c.scans)
	}
	return b.String()
}

// BenchmarkRequests counts what each kind of event takes of GitHub's budget, and
// prints the README's table.
func BenchmarkRequests(b *testing.B) {
	var all []cost
	for i, play := range played() {
		var c cost
		b.Run(fmt.Sprint("event", i+1), func(b *testing.B) {
			for range b.N {
				c = play(b)
			}
			b.ReportMetric(float64(c.requests), "requests")
			b.ReportMetric(float64(c.writes), "writes")
			b.ReportMetric(float64(c.points), "points")
			b.ReportMetric(float64(c.scans), "scans")
		})
		all = append(all, c)
	}
	fmt.Printf("\n%s\n", costTable(all))
}

func TestTheReadmeSaysWhatEachEventCosts(t *testing.T) {
	var all []cost
	for _, play := range played() {
		all = append(all, play(t))
	}
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := costTable(all); !strings.Contains(string(readme), "\n"+want+"\n") {
		t.Errorf("the README ought to have this table:\n%s", want)
	}
}
