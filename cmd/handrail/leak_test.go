package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handrail-bot/handrail/checks"
	"github.com/handrail-bot/handrail/internal/leak"
	"github.com/handrail-bot/handrail/internal/sim"
	"github.com/handrail-bot/handrail/internal/store"
)

const leakPolicy = `version: 1
roles:
  security: {team: acme/infosec, say: ["security +1"]}
review:
  sign_offs:
    - {name: Code review, role: reviewer}
security:
  sarif: {reports: [{workflow: .github/workflows/ci.yml, artifacts: ["*.sarif"]}]}
coverage:
  patch: {min: 80%}
  reports: [{workflow: .github/workflows/ci.yml}]
status:
  require: [build, lint]
compliance:
  title: conventional
  ticket: {key: 'SHOP-\d+'}
  description: {headings: [Why]}
`

// leakWorld is a handrail with its stand-in, into which secrets are planted
// wherever people and machines can put text.
type leakWorld struct {
	*leak.Guard
	t      *testing.T
	gh     *sim.GitHub
	server *server
	repo   *sim.Repo
	log    lockedBuffer
	path   string // of the database
	names  int    // secrets that were made to stand in names
}

func newLeakWorld(t *testing.T) *leakWorld {
	w := &leakWorld{Guard: leak.New(), t: t, gh: sim.New(sim.Options{})}
	_, stop, err := w.gh.Start()
	w.must(err)
	t.Cleanup(stop)
	w.Follow(w.gh)
	w.path = filepath.Join(t.TempDir(), "handrail.db")
	set, err := settingsFor(w.gh, w.path)
	w.must(err)
	w.server, err = startServer(logger("trace", "json", &w.log).WithContext(t.Context()), set)
	w.must(err)
	t.Cleanup(func() { w.server.close() })
	w.gh.SetHook(w.server.URL() + hookPath)
	org := w.gh.Org("acme")
	org.AddMember("alice", "bob", "sam")
	org.Team("infosec", "sam")
	w.repo = org.Repo("shop")
	for _, l := range []string{"alice", "bob", "sam"} {
		w.repo.Allow(l, "write")
	}
	w.push("main", "Begin", map[string]string{checks.PolicyPath: leakPolicy, "README.md": "# shop\n"})
	org.Install()
	return w
}

func (w *leakWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// named is a secret that is one also within a name, where gitleaks' rules for most
// providers want a blank or a quote behind it.
func (w *leakWorld) named(where string) string {
	kinds := []string{"aws-access-token", "github-pat", "github-fine-grained-pat", "gitlab-pat", "shopify-access-token", "doppler-api-token", "linear-api-key", "slack-bot-token"}
	w.names++
	return w.Make(kinds[w.names%len(kinds)], where)
}

func (w *leakWorld) push(branch, message string, files map[string]string) {
	w.t.Helper()
	_, err := w.repo.Push(sim.Push{By: "alice", Branch: branch, Message: message, Files: files})
	w.must(err)
}

// open opens a pull request from a branch that is there.
func (w *leakWorld) open(branch, title, body string) *sim.Pull {
	w.t.Helper()
	p, err := w.repo.OpenPull(sim.NewPull{By: "alice", Title: title, Body: "## Why\n\nSHOP-1\n\n" + body, Head: branch})
	w.must(err)
	return p
}

// plain is a pull request without any secret yet.
func (w *leakWorld) plain(branch string) *sim.Pull {
	w.t.Helper()
	w.push(branch, "Work", map[string]string{branch + "/a.go": "package a\n"})
	return w.open(branch, "feat: "+branch, "")
}

// ci lets a workflow leave artifacts on a pull request's head.
func (w *leakWorld) ci(p *sim.Pull, artifacts map[string]map[string][]byte) {
	w.t.Helper()
	run, err := w.repo.StartWorkflow(sim.NewWorkflowRun{Workflow: ".github/workflows/ci.yml", Job: "build", Pull: p, Started: true})
	w.must(err)
	for name, files := range artifacts {
		run.Leave(name, files)
	}
	run.Finish("success")
}

// rest waits until handrail has looked at everything.
func (w *leakWorld) rest() {
	w.t.Helper()
	w.must(pollFor(time.Minute, "handrail does not come to rest", func() bool {
		idle := func() bool {
			q, err := w.server.store.Queue(w.t.Context(), time.Now())
			return err == nil && q.Depth == 0
		}
		return w.gh.Settle(w.t.Context()) == nil && idle() && w.gh.Settle(w.t.Context()) == nil && idle()
	}))
}

// place is where a secret can be put. told says that the author must be told.
type place struct {
	name  string
	plant func(w *leakWorld, name string) *sim.Pull
	told  bool
}

var places = []place{
	{"added line", func(w *leakWorld, name string) *sim.Pull {
		w.push("added", "Work", map[string]string{"app.env": "TOKEN=" + w.Secret(name) + "\n"})
		return w.open("added", "feat: added", "")
	}, true},
	{"private key over several lines", func(w *leakWorld, name string) *sim.Pull {
		w.push("pem", "Work", map[string]string{"deploy/key.pem": w.Make("private-key", name)})
		return w.open("pem", "feat: pem", "")
	}, true},
	{"added and removed again", func(w *leakWorld, name string) *sim.Pull {
		w.push("undone", "Work", map[string]string{"app.env": "TOKEN=" + w.Secret(name) + "\n", "a.txt": "1\n"})
		w.push("undone", "Undo", map[string]string{"app.env": "TOKEN=\n"})
		return w.open("undone", "feat: undone", "")
	}, true},
	{"commit message", func(w *leakWorld, name string) *sim.Pull {
		w.push("message", "Work\n\nwith "+w.Secret(name), map[string]string{"m.txt": "1\n"})
		return w.open("message", "feat: message", "")
	}, true},
	{"description", func(w *leakWorld, name string) *sim.Pull {
		w.push("body", "Work", map[string]string{"b.txt": "1\n"})
		return w.open("body", "feat: body", "curl -H 'Authorization: "+w.Secret(name)+"'")
	}, true},
	{"title", func(w *leakWorld, name string) *sim.Pull {
		w.push("title", "Work", map[string]string{"t.txt": "1\n"})
		return w.open("title", "no type: "+w.Secret(name), "")
	}, true},
	{"comment", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("comment")
		p.Comment("bob", "it works with "+w.Secret(name))
		return p
	}, true},
	{"comment that is edited, and one that is deleted", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("edited")
		c, d := p.Comment("bob", "+1 "+w.Secret(name)), p.Comment("bob", w.Secret(name))
		w.rest()
		c.Edit("bob", "never mind")
		d.Delete("bob")
		return p
	}, false},
	{"command", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("command")
		p.Comment("bob", "/approve "+w.Secret(name))
		p.Comment("bob", "+1 "+w.Secret(name))
		return p
	}, true},
	{"review", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("review")
		p.Approve("bob", "LGTM with "+w.Secret(name))
		p.RequestChanges("sam", w.Secret(name))
		return p
	}, true},
	{"proposed policy", func(w *leakWorld, name string) *sim.Pull {
		text := leakPolicy + "  " + w.named(name) + ": " + w.Secret(name) + "\n"
		w.push("policy", "Work", map[string]string{checks.PolicyPath: text})
		return w.open("policy", "feat: policy", "")
	}, true},
	{"SARIF", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("sarif")
		w.ci(p, map[string]map[string][]byte{"found.sarif": {"found.sarif": sarifWith(w.Secret(name), w.named(name), w.Secret(name), w.named(name))}})
		return p
	}, false},
	{"broken SARIF", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("broken-sarif")
		w.ci(p, map[string]map[string][]byte{"found.sarif": {w.named(name) + ".sarif": []byte(`{"version": "` + w.Secret(name) + `", "runs": [}`)}})
		return p
	}, false},
	{"coverage report", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("covered")
		report := fmt.Sprintf("mode: set\n%s/a.go:1.1,2.2 1 1\ngithub.com/acme/shop/%s.go:1.1,2.2 1 0\n", w.named(name), w.named(name))
		w.ci(p, map[string]map[string][]byte{"coverage": {"coverage.out": []byte(report), w.named(name) + ".info": []byte("SF:" + w.Secret(name) + "\nDA:1,1\nend_of_record\n")}})
		return p
	}, false},
	{"broken coverage report", func(w *leakWorld, name string) *sim.Pull {
		p := w.plain("uncovered")
		w.ci(p, map[string]map[string][]byte{"coverage-" + w.named(name): {"coverage.out": []byte("mode: set\n" + w.Secret(name) + "\n")}})
		return p
	}, false},
}

// sarifWith is a report whose one result holds secrets in every text that could
// be shown.
func sarifWith(message, rule, snippet, path string) []byte {
	return fmt.Appendf(nil, `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gosec", "rules": [
{"id": "G101", "shortDescription": {"text": %q}, "help": {"text": %q}, "properties": {"security-severity": "8.0"}}]}},
"results": [
{"ruleId": "G101", "level": "error", "message": {"text": %q}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "sarif/a.go"}, "region": {"startLine": 1, "snippet": {"text": %q}}}}]},
{"ruleId": %q, "level": "error", "message": {"text": "here"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": %q}, "region": {"startLine": 1}}}]}
]}]}`, rule, rule, "hard-coded "+message, snippet, rule, path+".go")
}

func TestNoSecretGetsOutOfHandrailFromWhereverItWasPut(t *testing.T) {
	w := newLeakWorld(t)
	const marker = "Zebra7Crossing9Marker"
	marked := w.plain("x-" + marker)
	pulls := map[string]*sim.Pull{}
	for _, p := range places {
		pulls[p.name] = p.plant(w, p.name)
	}
	w.rest()
	w.happen(pulls)
	for _, p := range places {
		w.told(p, pulls[p.name])
	}
	w.printed(marked)
	w.server.close()
	w.Add(leak.Logged, w.log.Bytes())
	w.Database(t, w.path)
	w.Check(t)
	w.searchFails(marker)
}

// happen lets go on what people and machines go on with, so that everything is
// looked at a second time.
func (w *leakWorld) happen(pulls map[string]*sim.Pull) {
	for _, name := range slices.Sorted(maps.Keys(pulls)) {
		p := pulls[name]
		if run, ok := p.Run(checks.RunMerge); ok {
			w.gh.FindRun(run.ID).Rerequest("bob")
		}
		p.Comment("alice", "/recheck")
		p.Comment("sam", "security +1")
		p.SetTitle("alice", "feat: "+name)
	}
	w.rest()
}

// told says whether the place's pull request is held up and the reason told.
func (w *leakWorld) told(p place, pull *sim.Pull) {
	run, ok := pull.Run(checks.RunMerge)
	if !ok || run.Conclusion == "success" {
		w.t.Errorf("a secret in a %s: %q, %s", p.name, run.Title, run.Conclusion)
	}
	if !p.told {
		return
	}
	section, _ := pull.Run(checks.RunPrefix + "security-scan")
	if all := readable(run.Summary + section.Summary); !strings.Contains(all, "a secret (") && p.name != "title" { // which is another one by now
		w.t.Errorf("a secret in a %s is not told:\n%s", p.name, all)
	}
}

// printed takes what every command prints about all of it.
func (w *leakWorld) printed(marked *sim.Pull) {
	w.t.Helper()
	app := w.gh.App()
	for name, value := range map[string]string{
		"GITHUB_WEB_URL": w.gh.URL(), "GITHUB_APP_INTEGRATION_ID": strconv.FormatInt(app.ID, 10),
		"GITHUB_APP_WEBHOOK_SECRET": app.Secret, "GITHUB_APP_PRIVATE_KEY": string(app.PrivateKey()), "HANDRAIL_DATABASE": w.path,
	} {
		w.t.Setenv(name, value)
	}
	say := func(args ...string) {
		var out lockedBuffer
		if code := run(w.t.Context(), args, &out, &out); code == exitError {
			w.t.Errorf("handrail %s: %s", strings.Join(args, " "), out.Bytes())
		}
		w.Add(leak.Printed, out.Bytes())
	}
	say("audit", "list", "--limit", "10000", "--database", w.path)
	say("audit", "list", "--limit", "10000", "--json", "--database", w.path)
	say("audit", "verify", "--database", w.path)
	say("audit", "replay", "--all", "--database", w.path)
	rows, err := w.server.store.List(w.t.Context(), store.Filter{Limit: 100000})
	w.must(err)
	for _, row := range rows {
		say("audit", "show", strconv.FormatInt(row.Seq, 10), "--database", w.path)
	}
	for n := 1; n <= marked.Number+len(places); n++ {
		say("check", fmt.Sprintf("acme/shop#%d", n))
		say("check", fmt.Sprintf("acme/shop#%d", n), "--json")
	}
	resp, err := http.Get(w.server.URL() + "/metrics")
	w.must(err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	w.must(err)
	w.Add(leak.Printed, page)
}

// searchFails says whether the search can fail: the name of a file and what is
// known to be sent and logged are where the search looks, and a part of a text is
// found there.
func (w *leakWorld) searchFails(marker string) {
	w.t.Helper()
	for _, way := range []string{leak.Printed, leak.Stored} {
		if !slices.Contains(w.Has(marker), way) {
			w.t.Errorf("what is known to be %s is not found there: %v", way, w.Has(marker))
		}
	}
	for way, part := range map[string]string{leak.Sent: "Merge Requirements", leak.Logged: `"github_repository_name":"shop"`} {
		if !slices.Contains(w.Has(part), way) {
			w.t.Errorf("what is known to be %s is not found there: %v", way, w.Has(part))
		}
	}
	if found := w.Find(map[string]string{"12345678" + marker: "marker"}); len(found) == 0 {
		w.t.Error("the search does not find what is there")
	}
}
